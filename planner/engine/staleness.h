// What has moved since a plan was made: the objects that it is about to touch, and what a new plan would say. Pure.
#pragma once

#include <string>
#include <vector>

#include "planner/model/plan.h"
#include "planner/model/state.h"

namespace skep {

/// One line for each object that a step changes and that is no longer as the plan saw it: other attributes, gone, or
/// there where none was. `observed` as observe() filled it. What could not be looked at counts as it was recorded.
std::vector<std::string> moved_objects(const Plan& plan, const State& observed);

/// How `fresh` says something else than `saved`: changes, steps and their order, limits, warnings, the proof of quorum.
/// Lineage, serial, commit, digest of the spec and what is seen of objects are not what a plan says. At most 20 lines,
/// the last of which then counts the rest. Empty: both do the same.
std::vector<std::string> differences_between(const Plan& saved, const Plan& fresh);

}  // namespace skep
