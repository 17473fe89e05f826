#include "cli/commands/fleet.h"

#include <algorithm>
#include <mutex>

#include "cli/commands/loaded_state.h"
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

Result<OpenFleet> open_fleet(const Invocation& invocation, Outside& outside) {
  OpenFleet opened;
  opened.cluster = TRY(open_cluster(invocation, LoginUse::look, outside));
  const auto store = TRY(outside.open_store(opened.cluster->paths.state, StateUse::read));
  opened.state = TRY(load_state(*store, opened.cluster->paths.state));
  opened.fleet = std::make_unique<Fleet>(*opened.cluster, opened.state, outside.clock);
  if (!opened.fleet->members().empty()) return opened;
  return Error{ErrorCode::not_found, opened.cluster->spec.name + " has no machines", "make them with: skep apply"};
}

Context talking_context(Duration at_most, const Invocation& invocation, Outside& outside) {
  Context context = {.deadline = outside.clock.now() + at_most, .stop = outside.stop};
  if (invocation.flag("json")) return context;
  struct Last {
    std::mutex mutex;
    std::optional<Instant> said = {};
  };
  context.say = [&outside, last = std::make_shared<Last>()](std::string_view text) {
    const std::scoped_lock lock(last->mutex);
    const Instant now = outside.clock.now();
    if (last->said && now - *last->said < std::chrono::seconds(5)) return;
    last->said = now;
    outside.err << text << std::endl;
  };
  return context;
}

}  // namespace skep
