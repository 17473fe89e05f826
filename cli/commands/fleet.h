// The hosts of a cluster, as the state knows them, for commands that work on the running swarm.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/commands/cluster.h"
#include "cli/render/nodes.h"
#include "planner/model/state.h"
#include "provisioners/host_tools.h"

namespace skep {

class Fleet {
 public:
  Fleet(const Cluster& cluster, const State& state, const Clock& clock);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  const HostTools& tools() const { return tools_; }
  const std::vector<NodeInfo>& nodes() const { return nodes_; }    // also those without a machine
  const std::vector<Member>& members() const { return members_; }  // nodes of the spec that have a machine
  std::vector<Member> managers() const;

  /// Errors: not_found (no such node, with the one that may be meant; or it has no machine).
  Result<Member> named(const std::string& node) const;

 private:
  HostFacts facts_;
  HostTools tools_;
  std::vector<NodeInfo> nodes_;
  std::vector<Member> members_;
};

/// A cluster and its hosts, from a state that is only read.
struct OpenFleet {
  std::unique_ptr<Cluster> cluster;
  State state;
  std::unique_ptr<Fleet> fleet;
};
/// Errors: those of open_cluster() and the store.
Result<OpenFleet> open_fleet(const Invocation& invocation, Outside& outside);

/// A context whose progress goes to stderr, at most one line in five seconds; nothing with --json.
Context talking_context(Duration at_most, const Invocation& invocation, Outside& outside);

}  // namespace skep
