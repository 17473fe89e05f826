// Kind host/NODE: the machine has booted, its package manager is free, its name, address, clock and identity are right.
#pragma once

#include "provisioners/host_tools.h"

namespace skep {

class HostReady final : public HostDriver {
 public:
  explicit HostReady(const HostTools& tools);
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  Result<Object> create(const Resource& resource, const Context& context) override;
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;

 private:
  Result<void> reboot_if_needed(const Resource& resource, const Member& member, const Context& context) const;
  Result<void> ensure_clock(const Endpoint& host, const Context& context) const;
  Duration skew_of(const Facts& facts) const;
};

/// The machine id of another member that equals this one's, or an error that says whose clone it is.
Result<void> check_unique_machine(const Member& own, const std::string& machine_id, const Json& others);

}  // namespace skep
