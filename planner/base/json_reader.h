// A quick reader for plain JSON, such as we write ourselves: states of thousands of resources are read at every
// command.
#pragma once

#include <optional>
#include <string_view>

#include "planner/base/json.h"

namespace skep {

/// The same value as Json::parse gives, several times as fast; or nothing, for what is wrong, deep (over 64 levels) or
/// unusual (fractions, \u escapes, letters beyond ASCII, numbers of 19 digits and more): then Json::parse has to
/// decide.
std::optional<Json> read_plain_json(std::string_view text);

}  // namespace skep
