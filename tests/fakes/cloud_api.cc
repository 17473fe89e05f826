#include "tests/fakes/cloud_api.h"

#include <algorithm>
#include <charconv>

#include "planner/base/text.h"

namespace skep::testing::cloud {

namespace {

std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      result += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

}  // namespace

std::vector<std::string> values_of(const Call& call, const std::string& name) {
  std::vector<std::string> found;
  const auto [begin, end] = call.query.equal_range(name);
  for (auto one = begin; one != end; ++one) found.push_back(one->second);
  return found;
}

std::string value_of(const Call& call, const std::string& name) {
  const auto values = values_of(call, name);
  return values.empty() ? std::string() : values.back();
}

std::optional<std::int64_t> number_of(const Call& call, const std::string& name, std::int64_t usual,
                                      std::int64_t most) {
  const auto values = values_of(call, name);
  if (values.empty()) return usual;
  const std::string& text = values.back();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || number < 1 || number > most) return std::nullopt;
  return number;
}

Page page_of(std::vector<Json> objects, std::int64_t number, std::int64_t size) {
  Page page{number, size, static_cast<std::int64_t>(objects.size())};
  page.last = std::max<std::int64_t>((page.total + size - 1) / size, 1);
  for (std::int64_t i = (number - 1) * size; i < std::min(number * size, page.total); ++i) {
    page.objects.push_back(std::move(objects[static_cast<std::size_t>(i)]));
  }
  return page;
}

std::optional<Target> parse_target(std::string url, const std::string& prefix) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string::npos) {
    url.erase(0, std::min(url.find('/', scheme + 3), url.size()));
  }
  const std::size_t question = std::min(url.find('?'), url.size());
  const std::string path = url.substr(0, question);
  if (!path.starts_with(prefix + "/")) return std::nullopt;
  Target target;
  target.text = path;
  for (const auto& part : split(path.substr(prefix.size()), '/')) target.path.push_back(decoded(part));
  if (question < url.size()) {
    for (const auto& pair : split(url.substr(question + 1), '&')) {
      const std::size_t equals = std::min(pair.find('='), pair.size());
      target.query.emplace(decoded(pair.substr(0, equals)),
                           equals < pair.size() ? decoded(pair.substr(equals + 1)) : std::string());
    }
  }
  return target;
}

std::map<std::string, std::string> lower_headers(const Request& request) {
  std::map<std::string, std::string> result;
  for (const auto& [name, value] : request.headers) result[lower_case(name)] = value;
  return result;
}

std::optional<std::vector<std::string>> match(const std::string& pattern, const std::vector<std::string>& path) {
  const auto parts = split(pattern, '/');
  if (parts.size() != path.size()) return std::nullopt;
  std::vector<std::string> found;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "{}") {
      found.push_back(path[i]);
    } else if (parts[i] != path[i]) {
      return std::nullopt;
    }
  }
  return found;
}

Json visible(const Json& object) {
  Json result = Json::object();
  for (const auto& [name, value] : object.items()) {
    if (!name.starts_with('_')) result[name] = value;
  }
  return result;
}

bool holds(const Json& list, const Json& value) { return std::ranges::find(list, value) != list.end(); }

}  // namespace skep::testing::cloud
