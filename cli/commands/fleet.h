// The hosts of a cluster, as the state knows them, for commands that work on the running swarm.
#pragma once

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

}  // namespace skep
