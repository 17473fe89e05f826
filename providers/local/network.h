// local.network: a cluster's bridge, range and way out.
#pragma once

#include "planner/engine/driver.h"
#include "providers/local/tools.h"

namespace skep {

class NetworkDriver final : public Driver {
 public:
  explicit NetworkDriver(LocalTools tools) : tools_(std::move(tools)) {}
  const Schema& schema() const override;
  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override;
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  Result<Object> create(const Resource& resource, const Context& context) override;
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;

 private:
  Result<std::optional<Object>> look(const std::string& cluster, const Context& context);
  Result<std::string> still_there(const std::string& cluster) const;

  LocalTools tools_;
};

}  // namespace skep
