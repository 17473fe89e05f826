// Kind swarm_manager/NODE: the node is a voter of the swarm, reachable as two managers see it.
#pragma once

#include "provisioners/host_tools.h"
#include "provisioners/managers.h"

namespace skep {

class SwarmManager final : public HostDriver {
 public:
  explicit SwarmManager(const HostTools& tools);
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  /// Promotes, after the live swarm has shown that it bears another voter.
  Result<Object> create(const Resource& resource, const Context& context) override;
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override;
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  /// Demotes, after the live swarm has shown that it can do without. Errors: refused (the last manager).
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;
};

}  // namespace skep
