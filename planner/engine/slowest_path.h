// Which chain of steps decided how long a run took. Pure.
#pragma once

#include <span>
#include <vector>

#include "planner/engine/executor.h"

namespace skep {

/// From the step that ended last back over the one that ended last among those each waited for; in order of time.
/// `timings` holds the steps that ran, by step. Empty when nothing ran.
std::vector<StepTiming> slowest_path(const Plan& plan, std::span<const StepTiming> timings);

}  // namespace skep
