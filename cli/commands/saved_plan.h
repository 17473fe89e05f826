// Plans in files: written by `skep plan -out`, read by `skep apply FILE`, and refused when the world has moved on.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/planning.h"
#include "cli/outside.h"
#include "planner/model/plan.h"
#include "planner/model/spec.h"
#include "planner/model/state.h"

namespace skep {

inline constexpr std::size_t digest_shown = 12;  // letters that people see of a digest, as of a commit

/// Mode 0600, sealed when state_keys() has a key. Errors: those of Files::write() and state_keys().
Result<void> write_plan(const Plan& plan, const std::string& path, Outside& outside);

/// Errors: not_found, denied (also: no fitting key), refused (not sealed, though a key is given), invalid_input (no
/// plan, damaged, changed, of a newer skep).
Result<Plan> read_plan(const std::string& path, const Outside& outside);

/// One line for each thing that the plan is bound to and that has moved since: the spec, the commit, the state as a
/// whole or its serial, something that another apply began. The objects are moved_objects()'.
std::vector<std::string> moved_since(const Plan& plan, const Spec& spec, const std::string& commit, const State& state);

/// The saved plan, when nothing has moved since: moved_since() and, unless it was made with --refresh=false,
/// moved_objects(). Else with --replan-if-equal a new plan that says the same. Made under the lock on `stored`.
/// Errors: those of read_plan() and make_cluster_plan(); invalid_input (what has moved; how a new plan differs).
Result<Plan> fresh_enough_plan(const std::string& path, Cluster& cluster, const PlanRequest& request,
                               const State& stored, const Invocation& invocation, Outside& outside);

}  // namespace skep
