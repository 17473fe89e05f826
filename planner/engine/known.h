// Which of the objects that exist a plan must carry: those that its steps refer to. Pure.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>

#include "planner/model/plan.h"
#include "planner/model/refs.h"
#include "planner/model/state.h"

namespace skep {

/// The objects, recorded or not, that some step names by $ref, $one_of or $all, and that `is_reachable` lets pass.
Objects known_to(std::span<const Step> steps, const State& state,
                 const std::function<bool(const ResourceId&)>& is_reachable);

/// The kinds that some $all in `value` names.
std::set<std::string> kinds_of_all(const Json& value);

}  // namespace skep
