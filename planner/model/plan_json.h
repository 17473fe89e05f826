// Plans as JSON: for saving and replaying them, whole; nothing in a plan is secret, secrets stand in it as digests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "planner/base/json.h"
#include "planner/base/result.h"
#include "planner/model/plan.h"

namespace skep {

/// The version of the form below; a reader refuses any other: a plan is made again in a moment.
inline constexpr std::int64_t plan_format = 2;

std::string_view action_name(Action action);  // "none", "create", "update", "replace", "destroy", "forget", "read"
std::string_view step_action_name(StepAction action);  // "create", "update", "destroy", "forget", "read"
std::optional<StepAction> step_action_of(std::string_view name);

/// One change as people and programs read it: id, kind, name, node, action, reason, fields.
Json change_json(const Change& change);

/// The whole plan; plan_from_json() gives back an equal one.
Json plan_json(const Plan& plan);

/// Checks everything that the executor relies on: known actions, ids that parse, steps numbered from 0 that wait only
/// for steps of the plan and never for one another in a circle.
/// Errors: invalid_input (no plan of skep's, damaged, or of a newer skep), naming the place.
Result<Plan> plan_from_json(const Json& json);

/// SHA-256 of plan_json(), 64 hexadecimal digits: what was shown, saved and applied is known by it.
std::string digest_of(const Plan& plan);

}  // namespace skep
