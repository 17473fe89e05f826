#include "provisioners/recover.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/managers.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::minutes;

constexpr Duration patience_with_login = std::chrono::seconds(8);

void read_raft_line(RaftLook& look, const std::string& line) {
  const auto words = split(line, ' ');
  const auto number = [&](std::size_t at) { return at < words.size() ? std::atoll(words[at].c_str()) : 0; };
  if (words.empty()) return;
  if (words[0] == "written") look.written = number(1);
  if (words[0] == "now") look.idle = number(1) - look.written;
  if (words[0] == "snapshot") {
    look.snapshot_term = static_cast<std::uint64_t>(number(1));
    look.snapshot_index = static_cast<std::uint64_t>(number(2));
  }
}

}  // namespace

std::vector<RaftLook> look_at_raft(const HostTools& tools, std::span<const Member> managers, Duration at_most,
                                   const Context& context) {
  std::vector<RaftLook> looks(managers.size());
  for_all(managers.size(), [&](std::size_t i) {
    const Member& member = managers[i];
    // An engine without a leader is slow to answer; a host that is off must not be waited for as long.
    const auto login =
        tools.ssh.run(member.endpoint, {.name = "", .text = ":"}, within(tools.clock, patience_with_login, context));
    if (!login.ok()) {
      looks[i].host = {.member = member, .why = login.error().message};
      return;
    }
    looks[i].host = look_at_all(tools, managers.subspan(i, 1), at_most, context).front();
    if (!looks[i].host.facts) return;
    const auto output =
        run_script(tools.ssh, member.endpoint, {.name = "raft_look"}, within(tools.clock, at_most, context));
    if (!output.ok()) return;
    for (const auto& line : split_lines(output.value())) read_raft_line(looks[i], line);
  });
  return looks;
}

std::string why_no_candidate(const RaftLook& look) {
  if (!look.host.facts) return fmt::format("cannot be reached ({})", look.host.why);
  const Facts& facts = *look.host.facts;
  if (!facts.engine_answers) return "has no engine that answers";
  if (facts.swarm.state == "locked") return "is locked";
  if (facts.swarm.state == "inactive") return "is in no swarm";
  if (facts.swarm.node_id.empty()) return fmt::format("does not know which node it is ({})", facts.swarm.state);
  if (look.written == 0) return "has no raft log: it is no manager";
  return "";
}

const RaftLook* most_advanced(std::span<const RaftLook> looks) {
  const RaftLook* best = nullptr;
  const auto progress = [](const RaftLook& look) {
    return std::tuple(look.snapshot_term, look.snapshot_index, look.written);
  };
  for (const auto& look : looks) {
    if (!why_no_candidate(look).empty()) continue;
    if (best == nullptr || progress(*best) < progress(look)) best = &look;
  }
  return best;
}

Result<void> check_is_lost(std::span<const RaftLook> looks) {
  std::vector<std::string> locked;
  const auto answering =
      std::ranges::count_if(looks, [](const RaftLook& look) { return why_no_candidate(look).empty(); });
  const bool may_be_stale = answering < quorum_of(static_cast<int>(looks.size()));
  for (const auto& look : looks) {
    if (!look.host.facts) continue;
    if (look.host.facts->can_manage() && !look.host.facts->nodes.empty()) {
      return Error{
          may_be_stale ? ErrorCode::unavailable : ErrorCode::refused,
          fmt::format("{} has a leader to talk to: the swarm has not lost its quorum", look.host.member.label()),
          "what is wrong with other managers, an apply repairs: skep plan"};
    }
    if (look.host.facts->swarm.state == "locked") locked.push_back(look.host.member.label());
  }
  if (locked.empty()) return {};
  return Error{ErrorCode::refused, fmt::format("{} may bring the quorum back once unlocked", join(locked, ", ")),
               "unlock first: skep swarm unlock"};
}

Result<void> fence(const HostTools& tools, const Member& member, const Context& context) {
  context.say(fmt::format("stopping the engine of {}", member.label()));
  TRY(tools.change(member.endpoint, {.name = "swarm_fence"}, context));
  return {};
}

Result<void> go_on_alone(const HostTools& tools, const RaftLook& chosen, const Context& context) {
  const Member& member = chosen.host.member;
  const std::string& node_id = chosen.host.facts->swarm.node_id;
  context.say(fmt::format("{} goes on alone", member.label()));
  TRY(tools.change(member.endpoint,
                   {.name = "swarm_recover", .arguments = {{"address", member.private_address}, {"node", node_id}}},
                   context));
  tools.facts.forget_all();
  const Managers alone(tools, {member});
  TRY(wait_until<bool>(tools.clock, {.what = member.label() + " to lead", .at_most = minutes(2)}, context,
                       [&](const Context& limited) -> Result<Looked<bool>> {
                         const auto membership = membership_of(TRY(alone.view(limited)).nodes);
                         if (membership.leader_id == node_id) return Looked<bool>{.value = true};
                         return Looked<bool>{.not_yet = "there is no leader"};
                       }));
  return {};
}

Result<void> forget_swarm(const HostTools& tools, const Member& member, const Context& context) {
  context.say(fmt::format("{} leaves the swarm that went on without it", member.label()));
  TRY(tools.change(member.endpoint, {.name = "swarm_forget"}, context));
  tools.facts.forget_all();
  return {};
}

}  // namespace skep
