// From what happens to what happens after what: numbered steps with edges. Pure.
#pragma once

#include <span>
#include <vector>

#include "planner/engine/rollout.h"

namespace skep {

/// Needs first for what is made and changed, the other way round for what is destroyed; a destroy waits for every step
/// that stops using its object. What vanishes with things that are destroyed is only forgotten, after them, unless
/// something it stands on is destroyed before them. Steps are numbered so that each waits for lower numbers only;
/// among equals the order of ids decides. `waves` that contradict these are left out.
/// Moves the resources of the draft into the steps, and notes there the step of each item.
/// Errors: internal (needs that go in a circle).
Result<std::vector<Step>> order(Draft& draft, std::span<const Edge> waves);

}  // namespace skep
