// A driver around a driver whose updates can disturb a node: the node is emptied before, and back in service after.
#pragma once

#include "planner/model/spec.h"
#include "provisioners/host_tools.h"

namespace skep {

/// The input by which a resource says how its node is taken out of service (see service_input); without it, or where
/// the swarm does not know the node, updates go straight to the inner driver.
inline constexpr const char* service_key = "service";

/// {"managers", "identity", "drain_timeout", "settle", "allow_unschedulable"} for a node; durations in seconds.
Json service_input(const std::string& identity, const RolloutSpec& rollout);

/// Around an update that changes a field which disrupts, in this order: the swarm is well; a manager can be spared; the
/// node is drained (unless it is already, or no other node takes tasks); the update; the swarm sees the node ready, and
/// a manager reachable; its availability is as it was; the swarm is well again and stays so for `settle`. A failure
/// leaves the node drained, and says so: the next apply goes on. All other calls go to the inner driver.
class Drained final : public Driver {
 public:
  /// `inner` must outlive this.
  Drained(Driver& inner, const HostTools& tools);

  const Schema& schema() const override { return schema_; }
  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override;
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  Result<Object> create(const Resource& resource, const Context& context) override;
  Result<void> prepare_update(const Resource& resource, const Object& object, const Context& context) override;
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override;

 private:
  bool disturbs(const Resource& resource, const Object& object) const;
  Result<Object> work(const Resource& resource, const Object& object, const Context& context);

  Driver& inner_;
  HostTools tools_;
  Schema schema_;
};

}  // namespace skep
