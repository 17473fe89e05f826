#include "tests/fakes/digitalocean_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "planner/base/text.h"

namespace skep::testing::digitalocean {

namespace {

using Problems = std::vector<std::string>;

bool has_type(const Json& value, const std::string& types) {
  return std::ranges::any_of(split(types, '|'), [&](const std::string& type) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == "boolean" && value.is_boolean();
  });
}

double size_of(const Json& value) {
  return value.is_string() ? static_cast<double>(value.get<std::string>().size()) : value.get<double>();
}

void check_value(const std::string& where, const Json& value, const std::string& form, Problems& problems) {
  const std::size_t like = form.find(" like=");
  const auto words = split(form.substr(0, like), ' ');
  if (!has_type(value, words[0])) {
    problems.push_back(fmt::format("{} must be a {}", where, words[0]));
    return;
  }
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (const std::size_t dots = word.find(".."); dots != std::string::npos) {
      const double most = dots + 2 == word.size() ? 1e18 : std::stod(word.substr(dots + 2));
      if (size_of(value) < std::stod(word.substr(0, dots)) || size_of(value) > most) {
        problems.push_back(fmt::format("{} is out of range: {}", where, word));
      }
    } else if (word.starts_with("in=")) {
      const auto choices = split(word.substr(3), '|');
      if (std::ranges::find(choices, text_of(value)) == choices.end()) {
        problems.push_back(fmt::format("{} must be one of {}", where, word.substr(3)));
      }
    }
  }
  if (like != std::string::npos && value.is_string() &&
      !std::regex_search(value.get<std::string>(), std::regex(form.substr(like + 6)))) {
    problems.push_back(fmt::format("{} is not of the right form", where));
  }
}

struct Member {
  std::string name;
  bool required = false;
  bool nullable = false;
  const Json* form = nullptr;
};

std::vector<Member> members_of(const Json& form) {
  std::vector<Member> members;
  for (const auto& [key, value] : form.items()) {
    Member member{key, false, false, &value};
    for (; member.name.ends_with('!') || member.name.ends_with('?'); member.name.pop_back()) {
      (member.name.back() == '!' ? member.required : member.nullable) = true;
    }
    members.push_back(member);
  }
  return members;
}

Json checked(const std::string& where, const Json& value, const Json& form, Problems& problems);

Json checked_object(const std::string& where, const Json& object, const Json& form, Problems& problems) {
  const auto members = members_of(form);
  const std::string before = where.empty() ? "" : where + ".";
  Json result = Json::object();
  for (const auto& [name, value] : object.items()) {
    auto member = std::ranges::find(members, name, &Member::name);
    if (member == members.end()) member = std::ranges::find(members, std::string("*"), &Member::name);
    if (member == members.end()) {
      problems.push_back(fmt::format("{}{} is unknown", before, name));
    } else if (!value.is_null()) {
      result[name] = checked(before + name, value, *member->form, problems);
    } else if (!member->nullable) {
      problems.push_back(fmt::format("{}{} must not be null", before, name));
    }
  }
  for (const auto& member : members) {
    if (member.required && !object.contains(member.name)) {
      problems.push_back(fmt::format("{}{} is required", before, member.name));
    }
  }
  return result;
}

Json checked(const std::string& where, const Json& value, const Json& form, Problems& problems) {
  if (form.is_string()) {
    check_value(where, value, form, problems);
    return value;
  }
  if (form.is_object() && value.is_object()) return checked_object(where, value, form, problems);
  if (form.is_array() && value.is_array()) {
    Json result = Json::array();
    for (std::size_t i = 0; i < value.size(); ++i) {
      result.push_back(checked(fmt::format("{}[{}]", where, i), value[i], form[0], problems));
    }
    return result;
  }
  problems.push_back(fmt::format("{} must be an {}", where.empty() ? "the body" : where, form.type_name()));
  return value;
}

}  // namespace

Json accepted(const Json& body, const Json& form, int status) {
  Problems problems;
  Json result = checked("", body, form, problems);
  if (!problems.empty()) fail(status, join(problems, ", "));
  return result;
}

void check_host_name(const std::string& name) {
  static const std::regex form(R"([a-zA-Z0-9]?[a-z0-9A-Z.\-]*[a-z0-9A-Z])");
  if (name.size() > 255 || !std::regex_match(name, form)) {
    fail_input("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)");
  }
}

Json backup_policy_form() {
  return {{"plan", "string in=daily|weekly"},
          {"weekday", "string in=SUN|MON|TUE|WED|THU|FRI|SAT"},
          {"hour", "integer in=0|4|8|12|16|20"},
          {"window_length_hours", "integer"},
          {"retention_period_days", "integer"}};
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace skep::testing::digitalocean
