#include "provisioners/health.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "planner/engine/patterns.h"
#include "provisioners/quorum.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

constexpr const char* ignored_label = "skep.health";

// An update that stands still, or was taken back, is no success, whatever the number of its tasks.
std::string update_fault(const Json& service) {
  const auto& status = json_member(service, "UpdateStatus");
  const auto state = json_string_or(status, "State");
  if (state != "paused" && state != "rollback_paused" && state != "rollback_completed") return {};
  const auto what = state == "paused"            ? "its update is paused"
                    : state == "rollback_paused" ? "its rollback is paused"
                                                 : "its last update failed and was rolled back";
  const auto message = json_string_or(status, "Message");
  return message.empty() ? what : fmt::format("{} ({})", what, message);
}

bool is_updating(const Json& service) {
  const auto state = json_string_or(json_member(service, "UpdateStatus"), "State");
  return state == "updating" || state == "rollback_started";
}

bool is_looked_at(const Json& service) {
  const auto& spec = json_member(service, "Spec");
  const auto& mode = json_member(spec, "Mode");
  if (!json_member(mode, "ReplicatedJob").is_null() || !json_member(mode, "GlobalJob").is_null()) return false;
  return json_string_or(json_member(spec, "Labels"), ignored_label) != "ignore";
}

struct TaskCount {
  std::int64_t wanted = 0;
  std::int64_t running = 0;
  std::string reason = {};   // why one of them does not run
  bool has_no_node = false;  // and there is no node for one of them
};

// By service. What is said to run on a node that is down does not.
std::map<std::string, TaskCount> count_tasks(const Json& tasks, const std::vector<SwarmNode>& nodes,
                                             std::set<std::string>& running) {
  std::map<std::string, TaskCount> counts;
  if (!tasks.is_array()) return counts;
  for (const auto& task : tasks) {
    if (json_string_or(task, "DesiredState") != "running") continue;
    const auto node = std::ranges::find(nodes, json_string_or(task, "NodeID"), &SwarmNode::id);
    if (node != nodes.end() && node->state == "down") continue;
    auto& count = counts[json_string_or(task, "ServiceID")];
    ++count.wanted;
    const auto& status = json_member(task, "Status");
    if (json_string_or(status, "State") == "running") {
      ++count.running;
      running.insert(json_string_or(task, "ID"));
    } else if (auto reason = json_string_or(status, "Err"); !reason.empty()) {
      count.reason = std::move(reason);
      count.has_no_node = count.has_no_node || has_no_node(status);
    }
  }
  return counts;
}

}  // namespace

// The scheduler's own words (swarmkit: manager/scheduler/scheduler.go, noSuitableNode).
bool has_no_node(const Json& status) { return json_string_or(status, "Err").starts_with("no suitable node"); }

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return is_match(pattern, name); });
}

ServiceHealth service_health(const Json& services, const Json& tasks, const std::vector<SwarmNode>& nodes,
                             const std::vector<std::string>& allowed) {
  ServiceHealth health;
  if (!services.is_array()) return health;
  const auto counts = count_tasks(tasks, nodes, health.running);
  for (const auto& service : services) {
    if (!is_looked_at(service)) continue;
    ++health.services;
    const auto& spec = json_member(service, "Spec");
    const auto name = json_string_or(spec, "Name");
    if (auto fault = update_fault(service); !fault.empty()) {
      health.broken.push_back(fmt::format("{}: {}", name, fault));
      continue;
    }
    const auto found = counts.find(json_string_or(service, "ID"));
    const TaskCount count = found == counts.end() ? TaskCount{} : found->second;
    const auto& replicated = json_member(json_member(spec, "Mode"), "Replicated");
    const auto wanted = replicated.is_null() ? count.wanted : json_int_or(replicated, "Replicas", 1);
    if (count.has_no_node && count.running < wanted && matches_any(allowed, name)) continue;
    if (count.running != wanted) {
      health.waiting.push_back(
          fmt::format("{} ({} of {}{})", name, count.running, wanted, count.reason.empty() ? "" : ": " + count.reason));
    } else if (is_updating(service)) {
      health.waiting.push_back(name + " (is being updated)");
    }
  }
  std::ranges::sort(health.waiting);
  std::ranges::sort(health.broken);
  return health;
}

Result<std::optional<SwarmCondition>> look_at_condition(const State& state, const HostTools& tools,
                                                        const Context& context) {
  const auto managers = managers_on_record(state, tools);
  if (managers.members().empty()) return std::optional<SwarmCondition>();
  SwarmCondition condition;
  const auto look = [&]() -> Result<void> {
    const auto views = TRY(managers.two_views(context));
    if (auto trouble = member_trouble(views, ""); !trouble.empty()) condition.problems.push_back(std::move(trouble));
    const auto services = TRY(managers.read(services_path, context));
    const auto tasks = TRY(managers.read(wanted_tasks_path, context));
    auto health = service_health(services, tasks, views.front().nodes);
    condition.services = health.services;
    for (auto* lines : {&health.broken, &health.waiting})
      std::ranges::move(*lines, std::back_inserter(condition.problems));
    return {};
  };
  const auto looked = look();
  if (!looked.ok() && looked.error().code == ErrorCode::cancelled) return looked.error();
  if (!looked.ok()) condition.problems.push_back(looked.error().message);
  return std::optional(std::move(condition));
}

std::vector<std::string> allowed_services(const Json& inputs) {
  std::vector<std::string> names;
  for (const auto& name : json_member(inputs, "allow_unschedulable"))
    if (name.is_string()) names.push_back(name.get<std::string>());
  return names;
}

std::string member_trouble(const std::vector<SwarmView>& views, std::string_view except) {
  std::string leader;
  for (const auto& view : views) {
    const auto as_seen = ", as " + view.by.label() + " sees it";
    const auto membership = membership_of(view.nodes);
    if (membership.leader_id.empty()) return "there is no leader" + as_seen;
    if (!leader.empty() && leader != membership.leader_id) return "two managers name different leaders";
    leader = membership.leader_id;
    for (const auto& node : view.nodes) {
      if (node.id == except || (node.availability == "drain" && !node.is_member())) continue;
      if (node.is_member() && node.reachability != "reachable")
        return fmt::format("manager {} is {}{}", node.hostname, node.reachability, as_seen);
      if (node.state != "ready") return fmt::format("{} is {}{}", node.hostname, node.state, as_seen);
    }
  }
  return {};
}

Result<void> pass(const HealthGate& gate, const HostTools& tools, const Managers& managers, const Context& context) {
  constexpr int least_looks = 2;
  int good_looks = 0;
  Instant since = {};
  std::set<std::string> before;
  const auto look = [&](const Context& limited) -> Result<Looked<bool>> {
    const auto not_well = [&](std::string why) {
      good_looks = 0;
      return Looked<bool>{.not_yet = std::move(why)};
    };
    const auto views = TRY(managers.two_views(limited));
    auto trouble = gate.only_services ? std::string() : member_trouble(views, gate.except);
    if (!trouble.empty()) return not_well(std::move(trouble));
    const auto services = TRY(managers.read(services_path, limited));
    const auto tasks = TRY(managers.read(wanted_tasks_path, limited));
    auto health = service_health(services, tasks, views.front().nodes, gate.allowed);
    if (!health.broken.empty()) {
      return Error{ErrorCode::refused,
                   fmt::format("the swarm is not well {}: {}", gate.what, join(health.broken, "; ")),
                   "update the service so that it converges, or give it the label skep.health=ignore "
                   "(docker service update --label-add skep.health=ignore NAME)"};
    }
    if (!health.waiting.empty()) return not_well("not as wanted: " + join(health.waiting, ", "));
    if (good_looks == 0 || health.running != before) {
      good_looks = 0;
      since = tools.clock.now();
    }
    ++good_looks;
    before = std::move(health.running);
    const auto quiet = std::chrono::duration_cast<Duration>(tools.clock.now() - since);
    const bool is_settled = before.empty() || quiet >= gate.settle;
    if (good_looks >= least_looks && is_settled) return Looked<bool>{.value = true};
    return Looked<bool>{
        .not_yet = fmt::format("all is well, for {} of {}", human_duration(quiet), human_duration(gate.settle))};
  };
  auto opened = wait_until<bool>(tools.clock, {.what = "the swarm to be well " + gate.what, .at_most = gate.at_most},
                                 context, look);
  if (opened.ok()) return {};
  auto error = std::move(opened).error();
  if (error.hint.empty()) {
    error.hint =
        "see `docker node ls` and `docker service ls`; a service that need not run can be given the label "
        "skep.health=ignore";
  }
  return error;
}

}  // namespace skep
