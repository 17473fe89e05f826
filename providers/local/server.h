// local.server: a machine on this computer.
#pragma once

#include "planner/engine/driver.h"
#include "providers/local/image.h"
#include "providers/local/machine_life.h"
#include "providers/local/tools.h"

namespace skep {

class ServerDriver final : public Driver {
 public:
  explicit ServerDriver(LocalTools tools) : tools_(std::move(tools)) {}
  const Schema& schema() const override;
  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override;
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  /// Repeating it is safe: it goes on with what a crash left.
  Result<Object> create(const Resource& resource, const Context& context) override;
  /// Starts it again, follows keys, limits and volumes.
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;
  /// Until systemd is ready and sshd greets. A machine that is off is started first.
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override;

 private:
  Result<std::optional<Object>> look(const std::string& cluster, const std::string& folder);
  Result<LocalMachine> bring_up(const Resource& resource, const Context& context);
  Result<void> apply_changes(const LocalMachine& before, const LocalMachine& after, const Context& context);
  LocalTools tools_;
  BaseImage image_;
};

}  // namespace skep
