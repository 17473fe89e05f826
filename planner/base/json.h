// JSON as everyday vocabulary: the type, and parsing with a Result instead of exceptions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "planner/base/result.h"

extern template class nlohmann::basic_json<>;  // instantiated once, in json.cc: keeps the build fast

namespace skep {

using Json = nlohmann::json;  // objects are ordered by key, so equal values print as equal bytes

/// Parses one JSON text. Errors: invalid_input, with byte offset; `what` names the text for people ("the saved plan").
Result<Json> parse_json(std::string_view text, std::string_view what);

/// One line, no spaces; invalid UTF-8 is replaced rather than thrown at.
std::string dump_json(const Json& value);

/// Indented by two, with a newline at the end.
std::string dump_json_pretty(const Json& value);

/// The member of an object as T, or an error that names the path (`what` + key). Errors: invalid_input.
Result<std::string> json_string(const Json& object, std::string_view key, std::string_view what);
Result<std::int64_t> json_int(const Json& object, std::string_view key, std::string_view what);

/// The member or the item; null where `value` is no object or list, or has none there. Lives as long as `value`.
const Json& json_member(const Json& value, const std::string& key);
const Json& json_item(const Json& value, std::size_t index);

/// The member as text, or `other` when it is absent or no string.
std::string json_string_or(const Json& object, std::string_view key, std::string_view other = "");
std::int64_t json_int_or(const Json& object, std::string_view key, std::int64_t other);

}  // namespace skep
