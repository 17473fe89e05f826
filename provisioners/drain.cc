#include "provisioners/drain.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "planner/engine/patterns.h"
#include "provisioners/health.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

// {"node": {"ID": true}} as a query
std::string tasks_on(const std::string& node_id) {
  return "/tasks?filters=%7B%22node%22%3A%7B%22" + node_id + "%22%3Atrue%7D%7D";
}

bool has_ended(const std::string& state) {
  static const std::set<std::string> ended = {"complete", "failed", "shutdown", "rejected", "orphaned", "remove"};
  return ended.contains(state);
}

std::string name_of(const std::string& id, const std::vector<ServiceLook>& services) {
  const auto service = std::ranges::find(services, id, &ServiceLook::id);
  return service == services.end() ? id : service->name;
}

struct Snapshot {
  NodeLoad load;
  std::vector<ServiceLook> services;
};

Result<Snapshot> snapshot_of(const Managers& managers, const std::string& node_id, const Context& context) {
  Snapshot snapshot;
  snapshot.services = services_of(TRY(managers.read(services_path, context)));
  snapshot.load = load_of(TRY(managers.read(tasks_on(node_id), context)), snapshot.services);
  return snapshot;
}

std::vector<ServiceLook> those_on_node(const Snapshot& snapshot) {
  std::vector<ServiceLook> touched;
  for (const auto& service : snapshot.services) {
    if (std::ranges::binary_search(snapshot.load.services, service.id)) touched.push_back(service);
  }
  return touched;
}

Error not_drained(const HostTools& tools, const Managers& managers, const SwarmNode& node,
                  const std::vector<ServiceLook>& touched, Error error, const Context& context) {
  if (error.code != ErrorCode::unavailable) return error;
  // The deadline of the wait has passed, but not necessarily the step's: a last look for the reasons.
  const auto tasks = managers.read(wanted_tasks_path, within(tools.clock, std::chrono::seconds(20), context));
  const auto reasons = tasks.ok() ? scheduler_reasons(tasks.value(), touched) : std::vector<std::string>();
  if (!reasons.empty()) error.message += "; " + join(reasons, "; ");
  error.hint = fmt::format(
      "the node stays drained; make room for these services (nodes, constraints, replicas) and apply again, or "
      "`docker node update --availability active {}`",
      node.hostname);
  return error;
}

}  // namespace

std::vector<ServiceLook> services_of(const Json& services) {
  std::vector<ServiceLook> looks;
  if (!services.is_array()) return looks;
  for (const auto& service : services) {
    const auto& spec = json_member(service, "Spec");
    const auto& mode = json_member(spec, "Mode");
    const bool is_job = !json_member(mode, "ReplicatedJob").is_null() || !json_member(mode, "GlobalJob").is_null();
    const auto& status = json_member(service, "ServiceStatus");
    ServiceLook look = {json_string_or(service, "ID"), json_string_or(spec, "Name")};
    look.running = json_int_or(status, "RunningTasks", 0);
    look.wanted = is_job ? 0 : json_int_or(status, "DesiredTasks", 0);
    // A global service is not moved: it runs on the nodes that are left.
    if (!json_member(mode, "Global").is_null()) look.wanted = 0;
    looks.push_back(std::move(look));
  }
  return looks;
}

NodeLoad load_of(const Json& tasks, const std::vector<ServiceLook>& services) {
  NodeLoad load;
  if (!tasks.is_array()) return load;
  std::set<std::string> ids;
  for (const auto& task : tasks) {
    const auto state = json_string_or(json_member(task, "Status"), "State");
    const auto desired = json_string_or(task, "DesiredState");
    const auto service = json_string_or(task, "ServiceID");
    const bool is_wanted = desired == "running" || desired == "ready" || desired == "complete";
    if (has_ended(state)) continue;
    load.tasks.push_back(fmt::format("{} ({})", name_of(service, services), state));
    if (is_wanted && !service.empty()) ids.insert(service);
  }
  std::ranges::sort(load.tasks);
  load.services.assign(ids.begin(), ids.end());
  return load;
}

std::vector<std::string> displaced(const std::vector<ServiceLook>& before, const std::vector<ServiceLook>& now) {
  std::vector<std::string> missing;
  for (const auto& then : before) {
    const auto service = std::ranges::find(now, then.id, &ServiceLook::id);
    if (service == now.end()) continue;  // it was destroyed meanwhile
    const auto needed = std::min({then.running, then.wanted, service->wanted});
    if (service->running < needed) {
      missing.push_back(fmt::format("{} ({} of {})", service->name, service->running, service->wanted));
    }
  }
  return missing;
}

std::vector<std::string> scheduler_reasons(const Json& tasks, const std::vector<ServiceLook>& services) {
  std::set<std::string> reasons;
  if (!tasks.is_array()) return {};
  for (const auto& task : tasks) {
    const auto id = json_string_or(task, "ServiceID");
    const auto& status = json_member(task, "Status");
    const auto reason = json_string_or(status, "Err");
    if (reason.empty() || std::ranges::find(services, id, &ServiceLook::id) == services.end()) continue;
    if (!has_ended(json_string_or(status, "State"))) {
      reasons.insert(fmt::format("{}: {}", name_of(id, services), reason));
    }
  }
  return {reasons.begin(), reasons.end()};
}

std::set<std::string> unplaceable(const Json& tasks, const std::vector<ServiceLook>& services,
                                  const std::vector<std::string>& allowed) {
  std::set<std::string> found;
  if (!tasks.is_array()) return found;
  for (const auto& task : tasks) {
    const auto service = std::ranges::find(services, json_string_or(task, "ServiceID"), &ServiceLook::id);
    if (service == services.end() || !has_no_node(json_member(task, "Status"))) continue;
    if (matches_any(allowed, service->name)) found.insert(service->id);
  }
  return found;
}

Result<void> drain_node(const DrainOrder& order, const HostTools& tools, const Managers& managers,
                        const Context& context) {
  const auto& node = order.node;
  auto before = those_on_node(TRY(snapshot_of(managers, node.id, context)));
  if (node.availability != "drain") {
    TRY(managers.run({.name = "node_update", .arguments = {{"node", node.id}, {"availability", "drain"}}}, context));
  }
  const auto look = [&](const Context& limited) -> Result<Looked<bool>> {
    const auto now = TRY(snapshot_of(managers, node.id, limited));
    if (!now.load.tasks.empty()) {
      return Looked<bool>{.not_yet = fmt::format("{} still there: {}", count_of(now.load.tasks.size(), "task"),
                                                 join(now.load.tasks, ", "))};
    }
    auto missing = displaced(before, now.services);
    if (!missing.empty() && !order.allowed.empty()) {
      const auto homeless = unplaceable(TRY(managers.read(wanted_tasks_path, limited)), now.services, order.allowed);
      std::erase_if(before, [&](const ServiceLook& service) { return homeless.contains(service.id); });
      missing = displaced(before, now.services);
    }
    if (!missing.empty()) {
      return Looked<bool>{.not_yet = fmt::format("not back on other nodes: {}", join(missing, ", "))};
    }
    return Looked<bool>{.value = true};
  };
  auto drained = wait_until<bool>(
      tools.clock, {.what = fmt::format("{} to be empty", node.hostname), .at_most = order.at_most}, context, look);
  if (drained.ok()) return {};
  return not_drained(tools, managers, node, before, std::move(drained).error(), context);
}

}  // namespace skep
