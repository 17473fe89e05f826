// Small clusters for tests of the planner: schemas, wanted resources as expand() gives them, the state after an apply,
// and plans as text.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "planner/engine/make_plan.h"
#include "planner/model/refs.h"

namespace skep::test {

/// What the clusters below are made of: test.network, .server, .volume, .floating_ip, host.engine, .mount, .swarm,
/// .swarm_node, .swarm_manager.
const Schemas& kit_schemas();

struct PoolShape {
  std::string name;
  std::vector<std::string> nodes;
  bool is_manager = false;
  std::string location = "a";
  std::string engine = "27";
  bool protect = false;
};

struct Shape {
  std::vector<PoolShape> pools;
  bool has_floating_ip = false;    // on one machine of the first pool
  bool has_volumes = false;        // one for each worker
  bool is_balanced = false;        // workers are behind a load balancer
  bool says_availability = false;  // nodes say whether they take tasks
  bool hold_volumes = false;       // machines name their volumes, as real ones do; else volumes name their machine
};

/// Pools "manager" and "worker" with nodes manager-1.. and worker-1..
Shape shape_of(int managers, int workers);

std::vector<Resource> wanted_of(const Shape& shape);
PlanOptions options_of(const Shape& shape);

/// The object that a driver would report: its inputs resolved, and what machines report.
Object object_of(const Resource& resource, const Objects& objects);

/// Does to the state what the plan says, step after step. Asserts that each step finds what it refers to.
void pretend_apply(const Plan& plan, State& state);

/// A state in which all of the shape exists.
State state_of(const Shape& shape);

/// One line a step: "+ server/worker-1    after network/main"; ~ update, - destroy, . forget; without what
/// prepares them. Or the error.
std::string plan_text(const Result<Plan>& plan);

/// One line a change: "~ engine/worker-1: version 27 → 28 (disruptive)".
std::string changes_text(const Result<Plan>& plan);

/// The numbers of the steps with this action on ids that begin with `prefix`; in order.
std::vector<const Step*> steps_on(const Plan& plan, StepAction action, std::string_view prefix);
/// Whether the step surely ends before the other starts; what prepares them does not count.
bool is_before(const Plan& plan, const ResourceId& first, const ResourceId& then);

}  // namespace skep::test
