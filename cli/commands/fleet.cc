#include "cli/commands/fleet.h"

#include <algorithm>

#include "cli/commands/ssh_command.h"

namespace skep {

Fleet::Fleet(const Cluster& cluster, const State& state, const Clock& clock)
    : facts_(*cluster.ssh, clock), tools_{*cluster.ssh, clock, facts_}, nodes_(nodes_of(cluster.spec, state)) {
  for (const auto& node : nodes_) {
    if (node.role.empty() || !node.has_machine() || node.address.empty()) continue;
    members_.push_back({.node = node.name,
                        .generation = node.generation,
                        .role = node.role,
                        .machine_id = node.machine_id,
                        .private_address = node.private_address.empty() ? node.address : node.private_address,
                        .endpoint = node.endpoint()});
  }
}

std::vector<Member> Fleet::managers() const {
  std::vector<Member> managers;
  std::ranges::copy_if(members_, std::back_inserter(managers), &Member::is_manager);
  return managers;
}

Result<Member> Fleet::named(const std::string& node) const {
  const NodeInfo info = TRY(node_named(node, nodes_));
  const auto found = std::ranges::find(members_, info.name, &Member::node);
  if (found != members_.end()) return *found;
  return Error{ErrorCode::not_found, node + " has no machine", "make it with: skep apply"};
}

}  // namespace skep
