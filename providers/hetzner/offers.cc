#include "providers/hetzner/offers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "planner/base/text.h"

namespace skep::hetzner {

namespace {

const Json* place_of(const Json& type, const std::string& location) {
  const auto places = type.find("locations");
  if (places == type.end()) return nullptr;
  const auto found =
      std::ranges::find_if(*places, [&](const Json& place) { return json_string_or(place, "name") == location; });
  return found == places->end() ? nullptr : &*found;
}

bool is_available(const Json& type, const std::string& location) {
  const Json* place = place_of(type, location);
  return place != nullptr && place->value("available", false);
}

std::vector<std::string> names_where(const std::vector<Json>& types, const auto& test) {
  std::vector<std::string> names;
  for (const auto& type : types) {
    if (test(type)) names.push_back(json_string_or(type, "name"));
  }
  std::ranges::sort(names, natural_less);
  return names;
}

std::string offered_in(const std::vector<Json>& types, const std::string& location) {
  const auto names = names_where(types, [&](const Json& type) { return is_available(type, location); });
  if (names.empty()) return fmt::format("{} offers nothing at the moment", location);
  return fmt::format("{} offers {}", location, join(names, ", "));
}

/// What is wrong with an order's type, or nothing.
std::optional<Error> type_problem(const std::vector<Json>& types, const Order& order) {
  const auto type =
      std::ranges::find_if(types, [&](const Json& one) { return json_string_or(one, "name") == order.type; });
  const std::string hint = offered_in(types, order.location);
  if (type == types.end()) {
    const auto names = names_where(types, [](const Json&) { return true; });
    const auto meant = closest(order.type, names);
    return Error{ErrorCode::invalid_input,
                 fmt::format("pool {}: hetzner has no server type \"{}\"{}", order.pool, order.type,
                             meant ? fmt::format(", did you mean \"{}\"?", *meant) : ""),
                 hint};
  }
  if (place_of(*type, order.location) == nullptr) {
    return Error{ErrorCode::invalid_input,
                 fmt::format("pool {}: hetzner does not sell {} in {}", order.pool, order.type, order.location), hint};
  }
  if (!is_available(*type, order.location)) {
    return Error{
        ErrorCode::exhausted,
        fmt::format("pool {}: {} cannot be ordered in {} at the moment", order.pool, order.type, order.location), hint};
  }
  return std::nullopt;
}

std::optional<Error> image_problem(const std::vector<Json>& images, const std::vector<Json>& types,
                                   const Order& order) {
  std::string architecture = "x86";
  for (const auto& type : types) {
    if (json_string_or(type, "name") == order.type) architecture = json_string_or(type, "architecture", "x86");
  }
  std::set<std::string> names;
  for (const auto& image : images) {
    if (json_string_or(image, "architecture") == architecture) names.insert(json_string_or(image, "name"));
  }
  if (names.contains(order.image)) return std::nullopt;
  const std::vector<std::string> sorted(names.begin(), names.end());
  return Error{ErrorCode::invalid_input,
               fmt::format("pool {}: hetzner has no image \"{}\" for {}", order.pool, order.image, architecture),
               "there are " + join(sorted, ", ")};
}

}  // namespace

Result<void> check_orders(Cloud& cloud, const std::vector<Order>& orders, const Context& context) {
  if (orders.empty()) return {};
  const auto types = TRY(cloud.account.list("/server_types", "server_types", {}, context));
  const auto images = TRY(cloud.account.list("/images", "images", {{"type", "system"}}, context));
  std::vector<Error> problems;
  for (const auto& order : orders) {
    if (auto problem = type_problem(types, order)) problems.push_back(*problem);
    if (auto problem = image_problem(images, types, order)) problems.push_back(*problem);
  }
  if (problems.empty()) return {};
  Error error = problems.front();
  for (std::size_t i = 1; i < problems.size(); ++i) {
    error.message += "; " + problems[i].message;
    if (problems[i].hint != problems[i - 1].hint) error.hint += "; " + problems[i].hint;
    if (problems[i].code == ErrorCode::invalid_input) error.code = ErrorCode::invalid_input;
  }
  return error;
}

Error with_offers(Cloud& cloud, Error error, const Attributes& inputs, const Context& context) {
  const bool is_about_the_order = error.code == ErrorCode::exhausted || error.code == ErrorCode::invalid_input;
  // the quota of a project is no matter of types and places
  if (!is_about_the_order || error.message.find("resource_limit_exceeded") != std::string::npos) return error;
  const auto types = cloud.account.list("/server_types", "server_types", {}, context);
  if (types.ok()) error.hint = offered_in(types.value(), json_string_or(inputs, "location"));
  return error;
}

}  // namespace skep::hetzner
