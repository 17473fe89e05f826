#include "json_schema.h"

#include <algorithm>
#include <functional>
#include <map>

// g++ 12 sees uninitialised members in <regex> when sanitizers are on; there are none.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <regex>

namespace skep {

namespace {

using Errors = std::vector<std::string>;
using Keyword =
    std::function<void(const Json& value, const Json& wanted, const Json& schema, const std::string&, Errors&)>;

bool has_type(const Json& value, const std::string& type) {
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return type == "null" && value.is_null();
}

bool search(const std::string& text, const std::string& pattern) {
  static std::map<std::string, std::regex> compiled;
  const auto found = compiled.try_emplace(pattern, pattern, std::regex::ECMAScript).first;
  return std::regex_search(text, found->second);
}

void type(const Json& value, const Json& wanted, const Json&, const std::string& where, Errors& errors) {
  const Json types = wanted.is_array() ? wanted : Json::array({wanted});
  const bool fits =
      std::ranges::any_of(types, [&](const Json& name) { return has_type(value, name.get<std::string>()); });
  if (!fits) errors.push_back(where + ": not of type " + types.dump());
}

void enumeration(const Json& value, const Json& wanted, const Json&, const std::string& where, Errors& errors) {
  if (std::ranges::find(wanted, value) == wanted.end()) errors.push_back(where + ": not one of " + wanted.dump());
}

void pattern(const Json& value, const Json& wanted, const Json&, const std::string& where, Errors& errors) {
  if (value.is_string() && !search(value.get<std::string>(), wanted.get<std::string>()))
    errors.push_back(where + ": does not match " + wanted.get<std::string>());
}

void minimum(const Json& value, const Json& wanted, const Json&, const std::string& where, Errors& errors) {
  if (value.is_number() && value < wanted) errors.push_back(where + ": less than " + wanted.dump());
}

void maximum(const Json& value, const Json& wanted, const Json&, const std::string& where, Errors& errors) {
  if (value.is_number() && value > wanted) errors.push_back(where + ": more than " + wanted.dump());
}

void required(const Json& value, const Json& wanted, const Json&, const std::string& where, Errors& errors) {
  if (!value.is_object()) return;
  for (const auto& name : wanted) {
    if (!value.contains(name.get<std::string>())) errors.push_back(where + ": lacks " + name.get<std::string>());
  }
}

void add(Errors more, Errors& errors) { errors.insert(errors.end(), more.begin(), more.end()); }

void properties(const Json& value, const Json& wanted, const Json&, const std::string& where, Errors& errors) {
  if (!value.is_object()) return;
  for (const auto& [name, schema] : wanted.items()) {
    if (value.contains(name)) add(schema_errors(value[name], schema, where + "/" + name), errors);
  }
}

void pattern_properties(const Json& value, const Json& wanted, const Json&, const std::string& where, Errors& errors) {
  if (!value.is_object()) return;
  for (const auto& [name, member] : value.items()) {
    for (const auto& [expression, schema] : wanted.items()) {
      if (search(name, expression)) add(schema_errors(member, schema, where + "/" + name), errors);
    }
  }
}

void additional_properties(const Json& value, const Json& wanted, const Json& schema, const std::string& where,
                           Errors& errors) {
  if (!value.is_object() || wanted != false) return;
  const Json known = schema.value("properties", Json::object());
  const Json patterns = schema.value("patternProperties", Json::object());
  for (const auto& [name, member] : value.items()) {
    bool is_known = known.contains(name);
    for (const auto& [expression, ignored] : patterns.items()) is_known = is_known || search(name, expression);
    if (!is_known) errors.push_back(where + ": has no property " + name);
  }
}

void items(const Json& value, const Json& wanted, const Json&, const std::string& where, Errors& errors) {
  if (!value.is_array()) return;
  for (std::size_t i = 0; i < value.size(); ++i)
    add(schema_errors(value[i], wanted, where + "/" + std::to_string(i)), errors);
}

void negation(const Json& value, const Json& wanted, const Json&, const std::string& where, Errors& errors) {
  if (schema_errors(value, wanted, where).empty()) errors.push_back(where + ": is what it must not be");
}

void annotation(const Json&, const Json&, const Json&, const std::string&, Errors&) {}

const std::map<std::string, Keyword>& keywords() {
  static const std::map<std::string, Keyword> table = {
      {"type", type},
      {"enum", enumeration},
      {"pattern", pattern},
      {"minimum", minimum},
      {"maximum", maximum},
      {"required", required},
      {"properties", properties},
      {"patternProperties", pattern_properties},
      {"additionalProperties", additional_properties},
      {"items", items},
      {"not", negation},
      {"description", annotation},
      {"default", annotation},
      {"title", annotation},
      {"$schema", annotation},
  };
  return table;
}

}  // namespace

std::vector<std::string> schema_errors(const Json& value, const Json& schema, const std::string& where) {
  Errors errors;
  for (const auto& [keyword, wanted] : schema.items()) {
    const auto found = keywords().find(keyword);
    if (found == keywords().end())
      errors.push_back(where + ": the schema uses the unknown keyword " + keyword);
    else
      found->second(value, wanted, schema, where, errors);
  }
  return errors;
}

}  // namespace skep
