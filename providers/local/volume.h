// local.volume: a sparse file that a machine sees as a disk.
#pragma once

#include "planner/engine/driver.h"
#include "providers/local/tools.h"

namespace skep {

class VolumeDriver final : public Driver {
 public:
  explicit VolumeDriver(LocalTools tools) : tools_(std::move(tools)) {}
  const Schema& schema() const override;
  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override;
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  Result<Object> create(const Resource& resource, const Context& context) override;
  /// Grows it, also while it is in use. Errors: invalid_input (shrinking).
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;

 private:
  Result<std::optional<Object>> look(const std::string& cluster, const std::string& folder);
  LocalTools tools_;
};

}  // namespace skep
