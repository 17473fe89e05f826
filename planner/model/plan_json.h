// Plans as JSON: for saving and replaying them, whole; nothing in a plan is secret, secrets stand in it as digests.
#pragma once

#include <string_view>

#include "planner/base/json.h"
#include "planner/base/result.h"
#include "planner/model/plan.h"

namespace skep {

/// The version of the form below; a reader refuses a greater one.
inline constexpr std::int64_t plan_format = 1;

std::string_view action_name(Action action);  // "none", "create", "update", "replace", "destroy", "forget", "read"
std::string_view step_action_name(StepAction action);  // "create", "update", "destroy", "forget", "read"

/// One change as people and programs read it: id, kind, name, node, action, reason, fields.
Json change_json(const Change& change);

/// The whole plan; plan_from_json() gives back an equal one.
Json plan_json(const Plan& plan);

/// Checks everything that the executor relies on: known actions, ids that parse, steps numbered from 0 that wait only
/// for steps of the plan and never for one another in a circle.
/// Errors: invalid_input (no plan of skep's, damaged, or of a newer skep), naming the place.
Result<Plan> plan_from_json(const Json& json);

}  // namespace skep
