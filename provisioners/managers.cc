#include "provisioners/managers.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/text.h"

namespace skep {
namespace {

constexpr Duration patience = std::chrono::seconds(20);         // with one manager
constexpr Duration patience_in_all = std::chrono::seconds(45);  // an election after a restart takes 10 to 20 s

bool is_worth_another(ErrorCode code) {
  return code == ErrorCode::unavailable || code == ErrorCode::unknown_outcome || code == ErrorCode::denied ||
         code == ErrorCode::refused;
}

}  // namespace

const SwarmNode* SwarmView::node(std::string_view id) const {
  for (const auto& one : nodes) {
    if (one.id == id) return &one;
  }
  return nullptr;
}

Managers::Managers(const HostTools& tools, const Attributes& inputs) : tools_(tools) {
  const auto first = members_of(Json::array({inputs.value("first", Json())}));
  members_ = members_of(inputs.value("managers", Json::array()));
  if (first.empty()) return;
  if (members_.empty()) {
    members_ = first;  // the swarm has just begun
    return;
  }
  // The one that the swarm names may have gone since, and its address may be somebody else's: only one that still is on
  // record is asked, and then before the others.
  const auto still =
      std::ranges::find_if(members_, [&](const Member& one) { return one.endpoint == first.front().endpoint; });
  if (still != members_.end()) std::rotate(members_.begin(), still, still + 1);
}

Managers Managers::without(const Member& member) const {
  auto others = members_;
  std::erase_if(others, [&](const Member& other) {
    return other.endpoint == member.endpoint || other.label() == member.label();
  });
  return {tools_, std::move(others)};
}

template <class T>
Result<T> Managers::ask_once(const Question<T>& question, const Context& context) const {
  if (members_.empty()) {
    return Error{ErrorCode::not_found, "no other manager is known that could be asked",
                 "`skep plan` shows which managers there are"};
  }
  std::vector<std::string> reasons;
  std::optional<Result<T>> refused;  // set while every one that was asked refuses
  const std::size_t begin = asked_first_;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const std::size_t at = (begin + i) % members_.size();
    const auto& member = members_[at];
    auto answer = question(member, members_.size() == 1 ? context : within(tools_.clock, patience, context));
    if (answer.ok()) {
      asked_first_ = at;
      return answer;
    }
    if (!is_worth_another(answer.error().code)) return std::move(answer).doing(member.label());
    reasons.push_back(fmt::format("{}: {}", member.label(), answer.error().message));
    // A manager may be replaced while a step of another node is under way, and its address go to a new machine. That
    // one is not trusted, and those who are still there are asked.
    if (answer.error().code != ErrorCode::refused) {
      refused.reset();
    } else if (i == 0) {
      refused.emplace(std::move(answer).doing(member.label()));
    }
  }
  if (refused) return *std::move(refused);
  return Error{ErrorCode::unavailable, fmt::format("no manager can be asked: {}", join(reasons, "; ")),
               "look at `docker node ls` on a manager"};
}

// While managers elect a leader none of them answers: that passes, and is no reason to fail.
template <class T>
Result<T> Managers::ask(const Question<T>& question, const Context& context) const {
  const Instant until = tools_.clock.now() + patience_in_all;
  for (;;) {
    auto answer = ask_once(question, context);
    if (answer.ok() || answer.error().code != ErrorCode::unavailable) return answer;
    if (tools_.clock.now() >= until) return answer;
    const auto slept = tools_.clock.sleep(std::chrono::seconds(1), context);
    if (!slept.ok()) return slept.error().code == ErrorCode::cancelled ? Result<T>(slept.error()) : answer;
  }
}

Result<std::string> Managers::run(const Script& script, const Context& context) const {
  auto output = ask<std::string>(
      [&](const Member& member, const Context& limited) { return tools_.change(member.endpoint, script, limited); },
      context);
  tools_.facts.forget_all();  // every manager sees the change
  return output;
}

Result<std::string> Managers::worker_token(const Context& context) const {
  return ask<std::string>(
      [&](const Member& member, const Context& limited) {
        return run_script(tools_.ssh, member.endpoint, {.name = "swarm_token"}, limited);
      },
      context);
}

Managers managers_on_record(const State& state, const HostTools& tools) {
  Json members = Json::array();
  for (const auto& [id, record] : state.records)
    if (id.kind == "swarm_manager") members.push_back(json_member(record.object.attributes, "host"));
  return {tools, members_of(members)};
}

Result<Secret> Managers::unlock_key(const Context& context) const {
  const auto key = TRY(ask<std::string>(
      [&](const Member& member, const Context& limited) {
        return run_script(tools_.ssh, member.endpoint, {.name = "swarm_unlock_key"}, limited);
      },
      context));
  return Secret(std::string(trim(key)));
}

Result<Json> read_engine(const HostTools& tools, const Endpoint& host, const std::string& path,
                         const Context& context) {
  const auto output =
      TRY(run_script(tools.ssh, host, {.name = "engine_read", .arguments = {{"requests", "answer " + path}}}, context));
  for (const auto& line : split_lines(output)) {
    if (line.starts_with("answer ")) return parse_json(std::string_view(line).substr(7), "the engine's answer");
    if (line.starts_with("answer_error ")) return Error{ErrorCode::unavailable, line.substr(13)};
  }
  return Error{ErrorCode::unavailable, "the engine does not answer"};
}

Result<SwarmView> Managers::view_of(const Member& member, const Context& context) const {
  auto nodes = nodes_of(TRY(read_engine(tools_, member.endpoint, "/nodes", context)));
  return SwarmView{member, std::move(nodes)};
}

Result<SwarmView> Managers::view(const Context& context) const {
  return ask<SwarmView>([&](const Member& member, const Context& limited) { return view_of(member, limited); },
                        context);
}

Result<std::vector<SwarmView>> Managers::two_views(const Context& context) const {
  std::vector<SwarmView> views;
  views.push_back(TRY(view(context)));
  for (const auto& member : members_) {
    if (views.size() == 2 || member.endpoint == views.front().by.endpoint) continue;
    const auto* node = [&]() -> const SwarmNode* {
      for (const auto& one : views.front().nodes) {
        if (one.address == member.private_address && one.is_member()) return &one;
      }
      return nullptr;
    }();
    if (node == nullptr || node->reachability != "reachable") continue;  // it has nothing to say
    auto second = view_of(member, within(tools_.clock, patience, context));
    if (second.ok()) views.push_back(std::move(second).value());
    if (context.stop.stop_requested()) break;
  }
  return views;
}

Result<SwarmView> Managers::remembered_view(Duration age, const Context& context) const {
  return ask_once<SwarmView>(
      [&](const Member& member, const Context& limited) -> Result<SwarmView> {
        const auto facts = TRY(tools_.look(member.endpoint, age, limited));
        if (facts->can_manage()) return SwarmView{member, facts->nodes};
        const auto why = !facts->engine_answers           ? std::string("its engine does not answer")
                         : !facts->nodes_error.empty()    ? facts->nodes_error
                         : !facts->swarm.error.empty()    ? facts->swarm.error
                         : facts->swarm.state == "locked" ? std::string("it is locked")
                         : facts->swarm.state != "active" ? "it is in no swarm: " + facts->swarm.state
                                                          : std::string("it is no manager");
        return Error{ErrorCode::unavailable, why};
      },
      context);
}

Result<Json> Managers::read(const std::string& path, const Context& context) const {
  return ask<Json>(
      [&](const Member& member, const Context& limited) { return read_engine(tools_, member.endpoint, path, limited); },
      context);
}

}  // namespace skep
