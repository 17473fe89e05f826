// A validator for the part of JSON Schema (draft 2020-12) that spec_schema() uses. Refuses keywords that it does not
// know, so that the schema cannot grow past it unseen.
#pragma once

#include <string>
#include <vector>

#include "planner/base/json.h"

namespace skep {

/// What is wrong with `value`, one line each: "/pools/m/count: not of type integer".
std::vector<std::string> schema_errors(const Json& value, const Json& schema, const std::string& where = "");

}  // namespace skep
