// How a lost state is made again: a plan that only looks for what it would create. Pure.
#pragma once

#include "planner/model/plan.h"

namespace skep {

/// The steps of `plan` that create something, in the same order and free of pools: an executor that only adopts
/// (ExecutorParts::only_adopts) puts on record what each of them finds. What is on record already has no step.
Plan adoption_of(const Plan& plan);

}  // namespace skep
