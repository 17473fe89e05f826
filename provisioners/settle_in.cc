#include "provisioners/settle_in.h"

#include <algorithm>
#include <set>

#include "planner/base/text.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

bool has_global_service(const Json& services) {
  const auto is_global = [](const Json& service) {
    return !json_member(json_member(json_member(service, "Spec"), "Mode"), "Global").is_null();
  };
  return services.is_array() && std::ranges::any_of(services, is_global);
}

}  // namespace

std::vector<std::string> missing_on(const std::string& node_id, const SwarmPicture& picture, const Json& tasks) {
  std::set<std::string> running;  // ids of services
  for (const auto& task : tasks) {
    const bool runs = json_string_or(json_member(task, "Status"), "State") == "running";
    if (runs && json_string_or(task, "NodeID") == node_id) running.insert(json_string_or(task, "ServiceID"));
  }
  std::vector<std::string> missing;
  const auto node = std::ranges::find(picture.places, node_id, &TaskNode::id);
  if (node == picture.places.end()) return missing;
  for (const auto& workload : picture.workloads) {
    if (workload.is_global && objection(workload, *node).empty() && !running.contains(workload.id))
      missing.push_back(workload.name);
  }
  return missing;
}

Result<void> settle_in(const HostTools& tools, const Managers& managers, const std::string& node_id,
                       const Context& context) {
  const auto services = managers.read(services_path, context);
  if (!services.ok() || !has_global_service(services.value())) return {};
  std::vector<std::string> missing;
  const auto settled =
      wait_until<bool>(tools.clock, {.what = "the global services on it", .at_most = std::chrono::minutes(1)}, context,
                       [&](const Context& limited) -> Result<Looked<bool>> {
                         const auto nodes = TRY(managers.read("/nodes", limited));
                         const auto tasks = TRY(managers.read(wanted_tasks_path, limited));
                         missing = missing_on(node_id, picture_of(nodes, services.value(), tasks), tasks);
                         if (missing.empty()) return Looked<bool>{.value = true};
                         return Looked<bool>{.not_yet = join(missing, ", ")};
                       });
  if (settled.ok()) return {};
  if (settled.error().code == ErrorCode::cancelled) return settled.error();
  context.say("not running on it after a minute: " + join(missing, ", "));
  return {};
}

}  // namespace skep
