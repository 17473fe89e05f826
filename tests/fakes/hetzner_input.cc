#include "tests/fakes/hetzner_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "planner/base/text.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

bool has_type(const Json& value, std::string type) {
  if (type.ends_with('?')) {
    if (value.is_null()) return true;
    type.pop_back();
  }
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object" || type == "labels") return value.is_object();
  if (type == "id") return value.is_number_integer() && value.get<std::int64_t>() > 0;
  if (type == "name_or_id") return value.is_string() || value.is_number_integer();
  return false;
}

bool is_label_name(const std::string& text) {
  static const std::regex form("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");
  return std::regex_match(text, form);
}

std::vector<std::string> split_outside_parentheses(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char letter : text) {
    depth += letter == '(' ? 1 : letter == ')' ? -1 : 0;
    if (letter == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  return parts;
}

struct Requirement {
  std::string key;
  bool is_negative = false;
  std::optional<std::vector<std::string>> values;  // nothing: the key alone
};

Requirement requirement(const std::string& text) {
  std::smatch match;
  static const std::regex exists(R"(\s*(!?)\s*([^\s=!(),]+)\s*)");
  static const std::regex equals(R"(\s*([^\s=!(),]+)\s*(==|=|!=)\s*([^\s=!(),]*)\s*)");
  static const std::regex set(R"(\s*([^\s=!(),]+)\s+(in|notin)\s+\(([^()]*)\)\s*)");
  if (std::regex_match(text, match, exists)) return {match[2], match[1] == "!", std::nullopt};
  if (std::regex_match(text, match, equals)) return {match[1], match[2] == "!=", {{match[3].str()}}};
  if (std::regex_match(text, match, set)) {
    Requirement result{match[1], match[2] == "notin", std::vector<std::string>{}};
    for (const auto& one : split(match[3].str(), ',')) result.values->emplace_back(trim(one));
    return result;
  }
  fail(422, "invalid_input", "invalid input in field 'label_selector'",
       {{"fields", {{{"name", "label_selector"}, {"messages", {"label_selector is malformed: " + text}}}}}});
}

}  // namespace

Json checked(const Json& body, const std::vector<Member>& members) { return checked_in("", body, members); }

Json checked_in(const std::string& where, const Json& object, const std::vector<Member>& members) {
  const std::string before = where.empty() ? "" : where + ".";
  if (!object.is_object()) fail_input(where, "must be an object");
  Json problems = Json::array();
  const auto problem = [&](const std::string& name, const std::string& text) {
    problems.push_back({{"name", before + name}, {"messages", {text}}});
  };
  Json result = Json::object();
  for (const auto& [name, value] : object.items()) {
    const auto member = std::ranges::find(members, name, &Member::name);
    if (member == members.end()) {
      problem(name, "is unknown");
    } else if (!has_type(value, member->type)) {
      problem(name, "must be of type " + member->type);
    } else if (!value.is_null()) {
      if (member->type == "labels") check_labels(value);
      result[name] = value;
    }
  }
  for (const auto& member : members) {
    if (member.required && !object.contains(member.name)) problem(member.name, "Missing data for required field.");
  }
  if (!problems.empty()) fail(422, "invalid_input", "invalid input", {{"fields", problems}});
  return result;
}

void check_labels(const Json& labels) {
  static const std::regex prefix_form("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");
  for (const auto& [key, value] : labels.items()) {
    const std::size_t slash = key.find('/');
    const bool has_prefix = slash != std::string::npos;
    const std::string prefix = has_prefix ? key.substr(0, slash) : "";
    const std::string name = has_prefix ? key.substr(slash + 1) : key;
    if (!is_label_name(name) || (has_prefix && !std::regex_match(prefix, prefix_form))) {
      fail_input("labels", "the key '" + key + "' is malformed");
    }
    if (prefix == "hetzner.cloud" || prefix.ends_with(".hetzner.cloud")) {
      fail_input("labels", "the prefix hetzner.cloud/ is reserved");
    }
    if (!value.is_string()) fail_input("labels", "the value of '" + key + "' is no string");
    const std::string text = value;
    if (!text.empty() && !is_label_name(text)) fail_input("labels", "the value of '" + key + "' is malformed");
  }
}

void check_host_name(const std::string& name) {
  static const std::regex form(
      "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");
  if (name.size() > 253 || !std::regex_match(name, form)) fail_input("name", "must be a valid hostname (RFC 1123)");
}

void check_name(const std::string& name) {
  if (name.empty() || name.size() > 128 || trim(name).size() != name.size()) fail_input("name", "is malformed");
}

bool matches_selector(const Json& labels, const std::string& selector) {
  for (const auto& part : split_outside_parentheses(selector)) {
    const Requirement one = requirement(part);
    const auto found = labels.find(one.key);
    bool holds = found != labels.end();
    if (holds && one.values) holds = std::ranges::find(*one.values, found->get<std::string>()) != one.values->end();
    if (holds == one.is_negative) return false;
  }
  return true;
}

void check_selector(const std::string& selector) {
  for (const auto& part : split_outside_parentheses(selector)) requirement(part);
}

}  // namespace skep::testing::hetzner
