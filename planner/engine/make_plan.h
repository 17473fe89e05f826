// wanted + state -> plan. Pure: diff, rollout, order, safety, in this order, each with a header of its own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/engine/catalog.h"
#include "planner/model/plan.h"
#include "planner/model/spec.h"
#include "planner/model/state.h"

namespace skep {

struct PlanOptions {
  std::string cluster;
  std::string spec_digest = {};
  RolloutSpec rollout = {};
  std::map<std::string, std::string> node_pools = {};  // node name -> pool name, for max_surge and --only
  std::vector<std::string> replace = {};               // -replace: node names or resource ids, with * (manager-*)
  std::vector<std::string> only = {};  // --only / --except: node names, pool names, kinds or ids, with *
  std::vector<std::string> except = {};
  bool allow_protected = false;  // destroy what is protected
};

/// Errors: refused (quorum, protection; all reasons in one message, a line each), invalid_input (a pattern that names
/// nothing), internal. The same input gives the same plan, byte for byte. O(n log n) in the number of resources.
Result<Plan> make_plan(std::span<const Resource> wanted, const State& state, const Schemas& schemas,
                       const PlanOptions& options);

}  // namespace skep
