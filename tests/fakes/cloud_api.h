// What every simulated cloud does with a request before a kind sees it: targets, headers, the table of routes, errors,
// pages. Private to the simulations.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/system/http.h"

namespace skep::testing {

using CloudTime = std::chrono::sys_time<std::chrono::milliseconds>;

namespace cloud {

/// Thrown by handlers; becomes the documented error body.
struct ApiError {
  int status;
  std::string code;
  std::string message;
  Json details = nullptr;
};

struct Call {
  std::string method;
  std::vector<std::string> path;                  // what the pattern's {} stand for
  std::multimap<std::string, std::string> query;  // decoded
  Json body = Json::object();
  std::map<std::string, std::string> headers = {};  // names in lower case
  std::string asked = {};                           // the path as it was asked for
};

struct Answer {
  int status = 200;
  Json body = nullptr;  // null: none at all
};

/// The values of a query parameter.
std::vector<std::string> values_of(const Call& call, const std::string& name);
/// The last value; "" when it is not given.
std::string value_of(const Call& call, const std::string& name);
/// The last value as a number; `usual` when it is not given, nothing when it is no number from 1 to `most`.
std::optional<std::int64_t> number_of(const Call& call, const std::string& name, std::int64_t usual, std::int64_t most);

/// One page of a list, counted from 1.
struct Page {
  std::int64_t number = 1;
  std::int64_t size = 20;
  std::int64_t total = 0;
  std::int64_t last = 1;
  Json objects = Json::array();
};
Page page_of(std::vector<Json> objects, std::int64_t number, std::int64_t size);

struct Target {
  std::string text;  // the whole path, as it came
  std::vector<std::string> path;
  std::multimap<std::string, std::string> query;
};
/// Nothing when the target (or whole URL) does not begin with the prefix.
std::optional<Target> parse_target(std::string url, const std::string& prefix);
std::map<std::string, std::string> lower_headers(const Request& request);

/// What the pattern's {} stand for, when it fits.
std::optional<std::vector<std::string>> match(const std::string& pattern, const std::vector<std::string>& path);

template <class World>
using Handler = std::function<Answer(World&, const Call&)>;

template <class World>
struct Route {
  std::string method;
  std::string pattern;  // "/servers/{}/actions/poweron"
  Handler<World> handler;
};

template <class World>
struct Found {
  const Route<World>* route = nullptr;  // null when only the method is wrong
  bool is_known = false;                // some route has this path
};

/// Fills `call.path`. "/servers/actions" comes before "/servers/{}".
template <class World>
Found<World> find_route(const std::vector<Route<World>>& routes, const Target& target, Call& call) {
  Found<World> found;
  for (const auto& route : routes) {
    const auto filled = match(route.pattern, target.path);
    if (!filled) continue;
    found.is_known = true;
    if (route.method == call.method && (found.route == nullptr || filled->size() < call.path.size())) {
      found.route = &route;
      call.path = *filled;
    }
  }
  return found;
}

/// Without the members that begin with "_": those are ours and never shown.
Json visible(const Json& object);

/// Whether the list has the value.
bool holds(const Json& list, const Json& value);

template <class Test>
void erase_where(Json& list, const Test& test) {
  Json kept = Json::array();
  for (const auto& one : list) {
    if (!test(one)) kept.push_back(one);
  }
  list = kept;
}

}  // namespace cloud
}  // namespace skep::testing
