// Kind address/NODE-NAME: the host's own system knows a floating IP, so that what arrives for it is taken, now and
// after each boot; on every node of the pool, so that the address moves by the provider alone.
#pragma once

#include "provisioners/host_tools.h"

namespace skep {

class FloatingAddress final : public HostDriver {
 public:
  explicit FloatingAddress(const HostTools& tools);
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  Result<Object> create(const Resource& resource, const Context& context) override;
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;
};

}  // namespace skep
