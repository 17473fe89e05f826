// Plans in files: written by `skep plan -out`, read by `skep apply FILE`, and refused when the world has moved on.
#pragma once

#include <string>

#include "cli/outside.h"
#include "planner/model/plan.h"
#include "planner/model/spec.h"
#include "planner/model/state.h"

namespace skep {

/// Mode 0600, sealed when state_keys() has a key. Errors: those of Files::write() and state_keys().
Result<void> write_plan(const Plan& plan, const std::string& path, Outside& outside);

/// Errors: not_found, denied (also: no fitting key), refused (not sealed, though a key is given), invalid_input (no
/// plan, damaged, changed, of a newer skep).
Result<Plan> read_plan(const std::string& path, const Outside& outside);

/// Errors: invalid_input, naming what moved: the cluster, the spec, the state's serial or the state as a whole.
Result<void> check_not_stale(const Plan& plan, const std::string& path, const Spec& spec, const State& state);

}  // namespace skep
