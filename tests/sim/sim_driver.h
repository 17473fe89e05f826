// A driver of one kind in the simulated world: each call is a point where faults strike.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/engine/driver.h"
#include "planner/model/plan.h"
#include "tests/sim/world.h"

namespace skep::sim {

class SimDriver final : public Driver {
 public:
  SimDriver(Schema schema, World& world) : schema_(std::move(schema)), world_(world) {}

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
  Result<void> before(Call call, const Context& context);
  Result<void> begin(Call call, const Resource& resource, StepAction action, const Context& context);
  Result<void> after(Call call, const Context& context);
  bool strikes(Fault fault, Call call);
  void lose_something(Call call);
  void part_the_network();
  std::optional<Error> unreachable(const Resource& resource) const;
  std::optional<Error> no_quorum() const;
  std::optional<Error> costs_quorum(const std::string& machine) const;
  Result<std::optional<Object>> find_swarm(const Resource& resource) const;
  Object object_of(const std::string& id, const Thing& thing) const;

  Schema schema_;
  World& world_;
};

}  // namespace skep::sim
