#include "cli/commands/recover_command.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/commands/fencing.h"
#include "cli/commands/fleet.h"
#include "cli/commands/operation.h"
#include "cli/exit_code.h"
#include "cli/render/paint.h"
#include "cli/styles.h"
#include "planner/base/text.h"
#include "provisioners/recover.h"
#include "provisioners/wait_until.h"

namespace skep {

namespace {

/// Also those that the spec does not want any more: what was a manager may act as one.
std::vector<Member> all_managers(const Fleet& fleet, const State& state) {
  std::vector<Member> managers = fleet.managers();
  for (const auto& node : fleet.nodes()) {
    const bool is_known = std::ranges::any_of(managers, [&](const Member& member) { return member.node == node.name; });
    const bool was_manager = std::ranges::any_of(state.records, [&](const auto& entry) {
      return entry.first.kind == "swarm_manager" && entry.second.resource.node == node.name;
    });
    if (is_known || !was_manager || !node.has_machine()) continue;
    managers.push_back({.node = node.name,
                        .generation = node.generation,
                        .role = "manager",
                        .private_address = node.private_address,
                        .endpoint = node.endpoint()});
  }
  return managers;
}

std::string swarm_word(const RaftLook& look) {
  if (!look.host.facts) return "-";
  if (!look.host.facts->engine_answers) return "no engine";
  const auto& swarm = look.host.facts->swarm;
  const auto& why = look.host.facts->nodes_error.empty() ? swarm.error : look.host.facts->nodes_error;
  return why.empty() ? swarm.state : fmt::format("{} ({})", swarm.state, why);
}

std::string looks_text(const std::vector<RaftLook>& looks, const RaftLook* best, const Style& style) {
  std::vector<Row> rows = {
      {{"MANAGER", Color::dim}, {"LAST WRITTEN", Color::dim}, {"SNAPSHOT", Color::dim}, {"SWARM", Color::dim}}};
  for (const auto& look : looks) {
    const std::string why = why_no_candidate(look);
    const std::string written =
        look.written == 0 ? "-" : human_duration(std::chrono::seconds(std::max<std::int64_t>(look.idle, 0))) + " ago";
    const std::string snapshot =
        look.snapshot_index == 0 ? "-" : fmt::format("{} of term {}", look.snapshot_index, look.snapshot_term);
    rows.push_back({{look.host.member.label(), &look == best ? Color::green : Color::none},
                    {written},
                    {snapshot},
                    {why.empty() ? swarm_word(look) : why, why.empty() ? Color::none : Color::yellow}});
  }
  return table_text(rows, style);
}

Json looks_json(const std::vector<RaftLook>& looks, const RaftLook* best) {
  Json list = Json::array();
  for (const auto& look : looks) {
    const std::string why = why_no_candidate(look);
    list.push_back({{"node", look.host.member.node},
                    {"candidate", why.empty()},
                    {"why_not", why},
                    {"most_advanced", &look == best},
                    {"written", look.written},
                    {"snapshot_term", look.snapshot_term},
                    {"snapshot_index", look.snapshot_index}});
  }
  return list;
}

Result<std::string> ask(const std::string& question, Outside& outside) {
  outside.out.flush();
  outside.err << question << std::flush;
  const auto answer = TRY(outside.terminal.read_line({.stop = outside.stop}).doing("no answer, nothing was done"));
  outside.err << std::endl;
  return std::string(trim(answer.value_or("")));
}

Result<const RaftLook*> candidate_named(const std::string& node, const std::vector<RaftLook>& looks) {
  std::vector<std::string> names;
  for (const auto& look : looks) {
    names.push_back(look.host.member.node);
    if (look.host.member.node != node) continue;
    const std::string why = why_no_candidate(look);
    if (why.empty()) return &look;
    return Error{ErrorCode::refused, fmt::format("{} cannot go on: it {}", node, why), "choose another manager"};
  }
  return Error{ErrorCode::not_found, fmt::format("no manager is named \"{}\"", node),
               "there are: " + join(names, ", ")};
}

Result<void> check_name(const std::string& typed, const std::string& cluster) {
  if (typed == cluster) return {};
  return Error{ErrorCode::invalid_input, fmt::format("\"{}\" is not the name of the cluster; nothing was done", typed)};
}

/// The manager that goes on, and that this is meant: by flags, or by questions at a terminal.
Result<const RaftLook*> choose(const std::vector<RaftLook>& looks, const RaftLook& best, const std::string& cluster,
                               const Invocation& invocation, Outside& outside) {
  const bool may_ask = outside.terminal.input_is_terminal() && !invocation.flag("json");
  std::string node = invocation.text("manager");
  std::string name = invocation.text("confirm");
  if ((node.empty() || name.empty()) && !may_ask) {
    return Error{
        ErrorCode::invalid_input, "recover needs confirmation, and there is nobody to ask",
        fmt::format("say which manager goes on, and the name of the cluster: skep recover --manager {} --confirm NAME",
                    best.host.member.node)};
  }
  if (node.empty()) {
    node = TRY(ask(
        fmt::format("\nWhich manager goes on? Empty: {}, which knows most.\n  Enter a name: ", best.host.member.node),
        outside));
    if (node.empty()) node = best.host.member.node;
  }
  const RaftLook* chosen = TRY(candidate_named(node, looks));
  if (name.empty()) {
    name = TRY(ask(fmt::format("\n{} goes on alone; what only other managers know is lost, and all other managers are "
                               "taken out of the swarm.\n  Enter the name of the cluster to do this: ",
                               node),
                   outside));
  }
  TRY(check_name(name, cluster));
  return chosen;
}

/// Once nobody has a leader any more, and one can go on: the last one believes in itself for up to half a minute, and
/// its engine hardly answers while it gives up. A refusal comes at once.
Result<std::vector<RaftLook>> look_until_lost(const Fleet& fleet, const std::vector<Member>& managers,
                                              const Context& context) {
  Error last;
  std::vector<RaftLook> seen;
  const auto waited = wait_until<bool>(
      fleet.tools().clock,
      {.what = "the last leader to give up", .every = std::chrono::seconds(2), .at_most = std::chrono::seconds(75)},
      context, [&](const Context& limited) -> Result<Looked<bool>> {
        seen = look_at_raft(fleet.tools(), managers, std::chrono::seconds(30), limited);
        const auto lost = check_is_lost(seen);
        last = lost.ok() ? Error{} : lost.error();
        if (!lost.ok()) return last;
        if (most_advanced(seen) != nullptr) return Looked<bool>{.value = true};
        return Looked<bool>{.not_yet = "no manager can go on yet"};
      });
  if (waited.ok()) return seen;
  if (waited.error().code != ErrorCode::unavailable) return waited.error();
  if (last.message.empty()) return seen;  // lost, and none can go on: the reader is shown why
  last.code = ErrorCode::refused;
  return last;
}

struct Recovered {
  std::string node;
  std::vector<std::string> left = {};                            // are in no swarm now
  std::vector<std::pair<std::string, std::string>> fenced = {};  // stay fenced, and why
};

Result<Recovered> recover(const RaftLook& chosen, const std::vector<Fencing>& fencings, const Operation& operation,
                          const Fleet& fleet, const Context& context, Outside& outside) {
  for (const auto& fencing : fencings) {
    TRY(put_up(fencing, operation, fleet, context, outside)
            .doing("keep " + fencing.member.label() + " from acting; nothing is lost by repeating this"));
  }
  TRY(go_on_alone(fleet.tools(), chosen, context).doing("have " + chosen.host.member.label() + " go on alone"));
  Recovered recovered = {.node = chosen.host.member.node};
  for (const auto& fencing : fencings) {
    if (fencing.way == Fencing::Way::none) continue;
    const auto back = take_down(fencing, operation, fleet, context, outside);
    if (back.ok()) {
      recovered.left.push_back(fencing.member.node);
    } else {
      recovered.fenced.emplace_back(fencing.member.node, back.error().message);
    }
  }
  return recovered;
}

void report(const Recovered& recovered, const Json& looks, const Invocation& invocation, Outside& outside) {
  if (invocation.flag("json")) {
    Json fenced = Json::array();
    for (const auto& [node, why] : recovered.fenced) fenced.push_back({{"node", node}, {"error", why}});
    outside.out << dump_json_pretty({{"format_version", "1.0"},
                                     {"type", "recover"},
                                     {"manager", recovered.node},
                                     {"left", recovered.left},
                                     {"fenced", std::move(fenced)},
                                     {"managers", looks}})
                << std::flush;
    return;
  }
  outside.out << fmt::format("{} is the only manager now, with all services, secrets and workers\n", recovered.node);
  for (const auto& node : recovered.left) outside.out << fmt::format("{} is in no swarm, and may join again\n", node);
  outside.out << std::flush;
  for (const auto& [node, why] : recovered.fenced) {
    outside.err << fmt::format(
        "warning: {} stays fenced: {}\nhint: let it not wake up by itself; a new machine: skep apply -replace={}\n",
        node, why, node);
  }
  outside.err << std::flush;
  outside.out << "bring the other managers back with: skep apply\n" << std::flush;
}

}  // namespace

Result<int> recover_command(const Invocation& invocation, Outside& outside) {
  Operation operation = TRY(open_operation("recover", invocation, outside));
  if (invocation.has("confirm")) TRY(check_name(invocation.text("confirm"), operation.cluster->spec.name));
  const Fleet fleet(*operation.cluster, operation.stored, outside.clock);
  const Context context = talking_context(std::chrono::hours(1), invocation, outside);
  const auto managers = all_managers(fleet, operation.stored);
  const auto looks = TRY(look_until_lost(fleet, managers, context));
  const RaftLook* best = most_advanced(looks);
  if (!invocation.flag("json")) outside.out << looks_text(looks, best, style_of_output(invocation, outside));
  if (best == nullptr) {
    return Error{ErrorCode::unavailable, "no manager can go on",
                 "bring one back (power, engine), or restore a backup: docs/day-two.md"};
  }
  const RaftLook* chosen = TRY(choose(looks, *best, operation.cluster->spec.name, invocation, outside));
  std::vector<RaftLook> others;
  std::ranges::copy_if(looks, std::back_inserter(others), [&](const RaftLook& look) { return &look != chosen; });
  const auto fencings = TRY(plan_fences(operation, others, invocation.texts("off"), outside));

  const HistoryEntry entry = TRY(operation.begin_history(outside));
  const auto recovered = recover(*chosen, fencings, operation, fleet, context, outside);
  const Result<void> outcome = recovered.ok() ? Result<void>() : Result<void>(recovered.error());
  TRY(operation.end_history(entry, chosen->host.member.label() + " goes on alone", outcome, outside));
  TRY(outcome);
  report(recovered.value(), looks_json(looks, best), invocation, outside);
  return recovered.value().fenced.empty() ? exit_done : exit_error;
}

}  // namespace skep
