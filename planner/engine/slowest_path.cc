#include "planner/engine/slowest_path.h"

#include <algorithm>

namespace skep {

std::vector<StepTiming> slowest_path(const Plan& plan, std::span<const StepTiming> timings) {
  std::vector<const StepTiming*> by_step(plan.steps.size(), nullptr);
  for (const auto& timing : timings) by_step[timing.step] = &timing;
  const auto later = [](const StepTiming* best, const StepTiming* other) {
    if (!best || !other) return best ? best : other;
    return other->started + other->elapsed > best->started + best->elapsed ? other : best;
  };
  const StepTiming* last = nullptr;
  for (const auto& timing : timings) last = later(last, &timing);
  std::vector<StepTiming> path;
  while (last) {
    path.push_back(*last);
    const StepTiming* before = nullptr;
    for (const StepId step : plan.steps[last->step].after) before = later(before, by_step[step]);
    last = before;
  }
  std::ranges::reverse(path);
  return path;
}

}  // namespace skep
