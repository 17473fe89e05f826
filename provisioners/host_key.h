// Kinds new_key/NODE and login/NODE: the host key that came with a machine's user-data, where others can read it, gives
// way to one that the host made itself.
//
//   new_key/NODE   the host makes the key, beside the present one; its public half is recorded
//   pin/NODE       the provider remembers it (Machine::pin_driver): from here on it is known even if the state is lost
//   login/NODE     the host changes over to it; from here on only the new key is accepted
//
// Cut off anywhere, the next run knows every key that the host may show: each is on record before it is used.
#pragma once

#include "provisioners/host_tools.h"

namespace skep {

class NewHostKey final : public HostDriver {
 public:
  explicit NewHostKey(const HostTools& tools);
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  /// Waits until the machine has booted far enough to log in.
  Result<Object> create(const Resource& resource, const Context& context) override;
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;

 private:
  Result<std::string> prepared(const Endpoint& host, const Context& context) const;
};

class HostLogin final : public HostDriver {
 public:
  explicit HostLogin(const HostTools& tools);
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  Result<Object> create(const Resource& resource, const Context& context) override;
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;
};

}  // namespace skep
