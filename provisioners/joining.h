// How a host comes into the swarm: as a worker, through any manager.
#pragma once

#include <memory>
#include <string>

#include "provisioners/host_tools.h"
#include "provisioners/managers.h"

namespace skep {

/// Every uid of this resource, whichever machine is behind it: "demo/worker-1@1/".
std::string uid_prefix(const Resource& resource);

/// One node on its way in. Refers to what it is given.
class Joining {
 public:
  Joining(const HostTools& tools, const Resource& resource, const Member& member, const Managers& managers)
      : tools_(tools), resource_(resource), member_(member), managers_(managers) {}

  /// Takes predecessors of its name off the list, leaves what it was in before if we brought it there, and joins.
  /// Returns the swarm's id of the node. Blocks for minutes. Errors: refused (its routes lead into the swarm's address
  /// pools; it is in a swarm that is none of ours), unavailable, cancelled.
  Result<std::string> join(const std::shared_ptr<const Facts>& facts, const Context& context) const;

 private:
  Result<void> check_routes(const std::shared_ptr<const Facts>& facts) const;
  Result<void> clear_predecessors(const Facts& facts, const Context& context) const;
  Result<void> leave_remains(const Facts& facts, const Context& context) const;
  Result<std::string> enter(const Context& context) const;
  Result<void> enter_through(const Member& manager, const std::string& token, const Context& context) const;

  const HostTools& tools_;
  const Resource& resource_;
  const Member& member_;
  const Managers& managers_;
};

}  // namespace skep
