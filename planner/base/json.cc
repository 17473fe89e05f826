#include "planner/base/json.h"

#include "planner/base/json_reader.h"

template class nlohmann::basic_json<>;

namespace skep {

namespace {

constexpr int nesting_limit = 500;  // what reads and writes it goes down as deep on the stack

/// Counts brackets outside of strings; what is no JSON may be counted wrongly, and is refused anyway.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool is_in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char mark = text[at];
    if (is_in_string && mark == '\\') ++at;
    if (mark == '"') is_in_string = !is_in_string;
    if (is_in_string) continue;
    if (mark == '[' || mark == '{') ++depth;
    if (mark == ']' || mark == '}') --depth;
    if (depth > nesting_limit) return true;
  }
  return false;
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view what) {
  if (auto plain = read_plain_json(text)) return *std::move(plain);
  if (is_too_deep(text)) {
    return Error{.code = ErrorCode::invalid_input, .message = std::string(what) + ": JSON nested too deep"};
  }
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return Error{.code = ErrorCode::invalid_input,
                 .message = std::string(what) + ": not valid JSON at byte " + std::to_string(error.byte)};
  } catch (const Json::out_of_range&) {
    return Error{.code = ErrorCode::invalid_input, .message = std::string(what) + ": JSON with a number too large"};
  }
}

std::string dump_json(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string dump_json_pretty(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

namespace {

Error wrong_member(std::string_view key, std::string_view what, std::string_view expected) {
  return {.code = ErrorCode::invalid_input,
          .message = std::string(what) + "." + std::string(key) + ": expected " + std::string(expected)};
}

const Json nothing = nullptr;

const Json* member(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

Result<std::string> json_string(const Json& object, std::string_view key, std::string_view what) {
  const Json* found = member(object, key);
  if (!found || !found->is_string()) return wrong_member(key, what, "a string");
  return found->get<std::string>();
}

Result<std::int64_t> json_int(const Json& object, std::string_view key, std::string_view what) {
  const Json* found = member(object, key);
  if (!found || !found->is_number_integer()) return wrong_member(key, what, "a whole number");
  return found->get<std::int64_t>();
}

const Json& json_member(const Json& value, const std::string& key) {
  const auto found = value.is_object() ? value.find(key) : value.end();
  return found == value.end() ? nothing : *found;
}

const Json& json_item(const Json& value, std::size_t index) {
  return value.is_array() && index < value.size() ? value[index] : nothing;
}

std::string json_string_or(const Json& object, std::string_view key, std::string_view other) {
  const Json* found = member(object, key);
  return found && found->is_string() ? found->get<std::string>() : std::string(other);
}

std::int64_t json_int_or(const Json& object, std::string_view key, std::int64_t other) {
  const Json* found = member(object, key);
  return found && found->is_number_integer() ? found->get<std::int64_t>() : other;
}

}  // namespace skep
