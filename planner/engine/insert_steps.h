// Steps that join a plan which has its order already. Pure.
#pragma once

#include <vector>

#include "planner/engine/draft.h"
#include "planner/model/plan.h"

namespace skep {

/// A step to be put in, by the numbers that the plan's steps have before.
struct Insertion {
  Step step;                        // its number and what it waits for are set by insert_steps()
  std::vector<StepId> after = {};   // what it waits for
  std::vector<StepId> before = {};  // what waits for it; all come later than anything in `after`
};

/// Puts them in, each right behind the last step that it waits for, those that wait for nothing at the front, and gives
/// all steps new numbers; the draft's items get those of their steps. Steps wait for lower numbers only, before and
/// after. Linear, but for sorting the insertions.
void insert_steps(Plan& plan, Draft& draft, std::vector<Insertion> insertions);

}  // namespace skep
