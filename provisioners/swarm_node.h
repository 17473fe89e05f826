// Kind swarm_node/NODE: the host is in the swarm, proved to be the machine it should be, with its labels.
#pragma once

#include "provisioners/host_tools.h"
#include "provisioners/managers.h"

namespace skep {

class SwarmNodeKind final : public HostDriver {
 public:
  explicit SwarmNodeKind(const HostTools& tools);
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  /// Joins as a worker, whatever the role: a host becomes a voter only after it is proved.
  Result<Object> create(const Resource& resource, const Context& context) override;
  /// Waits until a manager sees the node ready, proves its address and identity, then sets labels and availability.
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override;
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  /// Demotes what is still a manager; then drain, leave, wait until it is seen down, take it off the list. Errors: also
  /// refused (it does not answer and its machine may still run: it must be powered off first).
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;

 private:
  Result<std::optional<Object>> find_on_the_list(const Resource& resource, const Context& context) const;
  std::optional<Object> seen_down(const Resource& resource, std::string_view remote_id, Duration age,
                                  const Context& context) const;
  Result<Object> admitted(const Resource& resource, const SwarmNode& node, const Object& before,
                          const Managers& managers, const Context& context) const;
  Result<void> leave(const Member& member, const SwarmNode& node, const Context& context) const;
};

}  // namespace skep
