#include "tests/fakes/http_openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "planner/base/text.h"

namespace skep::testing {

namespace {

std::string path_of(const std::string& url) {
  std::size_t begin = 0;
  if (const std::size_t scheme = url.find("://"); scheme != std::string::npos) begin = url.find('/', scheme + 3);
  if (begin == std::string::npos) return "/";
  return url.substr(begin, std::min(url.find('?', begin), url.size()) - begin);
}

/// How many segments are literally the same; -1 when the path does not fit the template.
int fit(const std::string& pattern, const std::string& path) {
  const auto expected = split(pattern, '/');
  const auto given = split(path, '/');
  if (expected.size() != given.size()) return -1;
  int same = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (expected[i] == given[i]) {
      ++same;
    } else if (!expected[i].starts_with('{')) {
      return -1;
    }
  }
  return same;
}

bool has_type(const Json& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  return type != "object" || value.is_object();
}

void check_string(const Json& schema, const std::string& text, const std::string& where,
                  std::vector<std::string>& found) {
  if (schema.contains("pattern") && !std::regex_search(text, std::regex(schema["pattern"].get<std::string>()))) {
    found.push_back(where + ": does not match " + schema["pattern"].get<std::string>());
  }
  if (text.size() > schema.value("maxLength", text.size())) found.push_back(where + ": is too long");
  if (text.size() < schema.value("minLength", std::size_t{0})) found.push_back(where + ": is too short");
  static const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))");
  if (schema.value("format", "") == "date-time" && !std::regex_match(text, time)) {
    found.push_back(where + ": is no date-time");
  }
}

}  // namespace

std::optional<OpenApi> OpenApi::load(const std::string& source_folder, const std::string& name, std::string prefix) {
  const char* folder = std::getenv("SKEP_API_SPECS");
  std::ifstream file((folder != nullptr ? std::string(folder) : source_folder + "/../shared/api") + "/" + name);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  auto document = parse_json(text.str(), name);
  if (!document.ok()) return std::nullopt;
  return OpenApi(std::move(document).value(), std::move(prefix));
}

const Json* OpenApi::operation(const Request& request) const {
  const std::string path = path_of(request.url);
  if (!path.starts_with(prefix_)) return nullptr;
  const Json* best = nullptr;
  int best_fit = -1;
  std::string method = request.method;
  std::ranges::transform(method, method.begin(), [](unsigned char letter) { return std::tolower(letter); });
  for (const auto& [pattern, item] : document_["paths"].items()) {
    const int fits = fit(pattern, path.substr(prefix_.size()));
    if (fits > best_fit && item.contains(method)) {
      best_fit = fits;
      best = &item[method];
    }
  }
  return best;
}

std::vector<std::pair<std::string, std::string>> OpenApi::operations() const {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& [path, item] : document_["paths"].items()) {
    for (const auto* method : {"get", "post", "put", "patch", "delete"}) {
      if (!item.contains(method)) continue;
      std::string name = method;
      std::ranges::transform(name, name.begin(), [](unsigned char letter) { return std::toupper(letter); });
      found.emplace_back(name, prefix_ + path);
    }
  }
  return found;
}

const Json& OpenApi::resolved(const Json& schema) const {
  const Json* one = &schema;
  for (int depth = 0; depth < 20 && one->contains("$ref"); ++depth) {
    one = &document_.at(Json::json_pointer((*one)["$ref"].get<std::string>().substr(1)));
  }
  return *one;
}

void OpenApi::check(const Json& given, const Json& value, const std::string& where,
                    std::vector<std::string>& found) const {
  const Json& schema = resolved(given);
  if (value.is_null()) {
    const bool may_be_null = schema.value("nullable", false) || !schema.contains("type");
    if (!may_be_null) found.push_back(where + ": must not be null");
    return;
  }
  if (schema.contains("type") && !has_type(value, schema["type"])) {
    found.push_back(where + ": is not of type " + schema["type"].get<std::string>());
    return;
  }
  if (schema.contains("enum") && std::ranges::find(schema["enum"], value) == schema["enum"].end()) {
    found.push_back(where + ": is none of " + schema["enum"].dump());
  }
  if (value.is_string()) check_string(schema, value, where, found);
  if (value.is_number()) {
    if (schema.contains("minimum") && value < schema["minimum"]) found.push_back(where + ": is too small");
    if (schema.contains("maximum") && value > schema["maximum"]) found.push_back(where + ": is too large");
  }
  if (value.is_array()) {
    if (value.size() > schema.value("maxItems", value.size())) found.push_back(where + ": has too many items");
    if (value.size() < schema.value("minItems", std::size_t{0})) found.push_back(where + ": has too few items");
    for (std::size_t i = 0; i < value.size() && schema.contains("items"); ++i) {
      check(schema["items"], value[i], fmt::format("{}[{}]", where, i), found);
    }
  }
  if (value.is_object()) check_object(schema, value, where, found);
  check_choices(schema, value, where, found);
}

void OpenApi::check_object(const Json& schema, const Json& value, const std::string& where,
                           std::vector<std::string>& found) const {
  for (const auto& name : schema.value("required", Json::array())) {
    if (!value.contains(name)) found.push_back(where + ": lacks " + name.get<std::string>());
  }
  const Json none = Json::object();
  const Json& properties = schema.contains("properties") ? schema["properties"] : none;
  const Json& others = schema.contains("additionalProperties") ? schema["additionalProperties"] : none;
  for (const auto& [name, member] : value.items()) {
    if (properties.contains(name)) {
      check(properties[name], member, where + "." + name, found);
    } else if (others.is_boolean() && others == false) {
      found.push_back(where + ": " + name + " is unknown");
    } else if (others.is_object()) {
      check(others, member, where + "." + name, found);
    }
  }
}

void OpenApi::check_choices(const Json& schema, const Json& value, const std::string& where,
                            std::vector<std::string>& found) const {
  for (const auto& part : schema.value("allOf", Json::array())) check(part, value, where, found);
  for (const auto* key : {"oneOf", "anyOf"}) {
    if (!schema.contains(key)) continue;
    std::vector<std::string> nearest;
    bool fits = false;
    for (const auto& choice : schema[key]) {
      std::vector<std::string> problems;
      check(choice, value, where, problems);
      fits = fits || problems.empty();
      if (nearest.empty() || problems.size() < nearest.size()) nearest = problems;
    }
    if (!fits) found.insert(found.end(), nearest.begin(), nearest.end());
  }
}

std::vector<std::string> OpenApi::request_violations(const Request& request) const {
  std::vector<std::string> found;
  const std::string where = request.method + " " + path_of(request.url);
  const Json* asked = operation(request);
  if (asked == nullptr) return {where + ": is not in the document"};
  if (const std::size_t question = request.url.find('?'); question != std::string::npos) {
    for (const auto& pair : split(request.url.substr(question + 1), '&')) {
      const std::string name = pair.substr(0, pair.find('='));
      bool is_known = false;
      for (const auto& parameter : asked->value("parameters", Json::array())) {
        is_known = is_known || resolved(parameter)["name"] == name;
      }
      if (!is_known) found.push_back(where + ": query parameter " + name + " is unknown");
    }
  }
  if (!asked->contains("requestBody")) {
    if (!request.body.empty()) found.push_back(where + ": takes no body");
    return found;
  }
  const Json& expected = resolved((*asked)["requestBody"]);
  if (request.body.empty()) {
    if (expected.value("required", false)) found.push_back(where + ": needs a body");
    return found;
  }
  const auto body = parse_json(request.body, "body");
  if (!body.ok()) return {where + ": " + body.error().message};
  check(expected["content"]["application/json"]["schema"], body.value(), where + " request", found);
  return found;
}

std::vector<std::string> OpenApi::response_violations(const Request& request, const Response& response) const {
  const std::string where = fmt::format("{} {} {}", request.method, path_of(request.url), response.status);
  const Json* asked = operation(request);
  if (asked == nullptr) return {};
  const Json& responses = (*asked)["responses"];
  const std::string exact = std::to_string(response.status);
  const std::string family = exact.substr(0, 1) + "XX";
  const std::string key = responses.contains(exact) ? exact : responses.contains(family) ? family : "default";
  if (!responses.contains(key)) return {where + ": is not in the document"};
  const Json& expected = resolved(responses[key]);
  if (!expected.contains("content")) {
    if (!response.body.empty()) return {where + ": must have no body"};
    return {};
  }
  const auto body = parse_json(response.body, "body");
  if (!body.ok()) return {where + ": " + body.error().message};
  std::vector<std::string> found;
  check(expected["content"]["application/json"]["schema"], body.value(), where, found);
  return found;
}

Result<Response> JudgedHttp::send(const Request& request, const Context& context) {
  auto result = next_.send(request, context);
  if (!result.ok() || !judge_) return result;
  auto found = judge_->response_violations(request, result.value());
  if (judges_requests_ && result.value().status < 400) {
    for (auto& one : judge_->request_violations(request)) found.push_back(std::move(one));
  }
  const std::lock_guard lock(mutex_);
  ++exchange_count_;
  violations_.insert(violations_.end(), found.begin(), found.end());
  return result;
}

std::vector<std::string> JudgedHttp::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

std::size_t JudgedHttp::exchange_count() const {
  const std::lock_guard lock(mutex_);
  return exchange_count_;
}

}  // namespace skep::testing
