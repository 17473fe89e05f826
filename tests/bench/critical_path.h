// The least time that a plan's own order allows.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "planner/model/plan.h"
#include "planner/system/context.h"

namespace skep::test {

/// The longest chain of steps that wait for one another, when each takes as long as `takes` says.
inline Duration critical_path(const Plan& plan, const std::function<Duration(const Step&)>& takes) {
  std::vector<Duration> ends(plan.steps.size(), Duration::zero());
  Duration last = {};
  for (const Step& step : plan.steps) {
    Duration begun = {};
    for (const StepId earlier : step.after) begun = std::max(begun, ends[earlier]);
    ends[step.id] = begun + takes(step);
    last = std::max(last, ends[step.id]);
  }
  return last;
}

}  // namespace skep::test
