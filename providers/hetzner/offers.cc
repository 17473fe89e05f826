#include "providers/hetzner/offers.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "planner/base/text.h"
#include "providers/cloud/orders.h"

namespace skep::hetzner {

namespace {

struct Catalogue {
  std::vector<Json> types;
  std::vector<Json> images;

  const Json* type(const std::string& name) const {
    const auto found =
        std::ranges::find_if(types, [&](const Json& one) { return json_string_or(one, "name") == name; });
    return found == types.end() ? nullptr : &*found;
  }
};

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

std::string offered_in(const std::vector<Json>& types, const std::vector<std::string>& locations) {
  std::vector<std::string> parts;
  for (const auto& location : locations) {
    const auto names = names_where(types, [&](const Json& type) { return is_available(type, location); });
    parts.push_back(names.empty() ? fmt::format("{} offers nothing at the moment", location)
                                  : fmt::format("{} offers {}", location, join(names, ", ")));
  }
  return join(parts, "; ");
}

/// What is wrong with an order's types, or nothing.
std::optional<Error> type_problem(const Catalogue& catalogue, const Attributes& inputs) {
  const std::string hint = offered_in(catalogue.types, cloud::locations_in(inputs));
  for (const auto& type : cloud::types_in(inputs)) {
    if (catalogue.type(type) != nullptr) continue;
    const auto names = names_where(catalogue.types, [](const Json&) { return true; });
    return cloud::unknown_name("hetzner", "server type", type, "", names, hint);
  }
  bool is_sold = false;
  for (const auto& [type, location] : cloud::choices_of(inputs)) {
    const Json& found = *catalogue.type(type);
    if (is_available(found, location)) return std::nullopt;
    is_sold = is_sold || place_of(found, location) != nullptr;
  }
  const std::string types = join(cloud::types_in(inputs), ", ");
  const std::string locations = join(cloud::locations_in(inputs), ", ");
  if (!is_sold) {
    return Error{ErrorCode::invalid_input, fmt::format("hetzner does not sell {} in {}", types, locations), hint};
  }
  return Error{ErrorCode::exhausted, fmt::format("{} cannot be ordered in {} at the moment", types, locations), hint};
}

/// Each type needs an image for its architecture.
std::optional<Error> image_problem(const Catalogue& catalogue, const Attributes& inputs) {
  const std::string wanted = json_string_or(inputs, "image");
  for (const auto& type : cloud::types_in(inputs)) {
    const Json* found = catalogue.type(type);
    if (found == nullptr) continue;
    const std::string architecture = json_string_or(*found, "architecture", "x86");
    std::set<std::string> names;
    for (const auto& image : catalogue.images) {
      if (json_string_or(image, "architecture") == architecture) names.insert(json_string_or(image, "name"));
    }
    if (names.contains(wanted)) continue;
    const std::vector<std::string> sorted(names.begin(), names.end());
    return cloud::unknown_name("hetzner", "image", wanted, " for " + architecture, sorted,
                               "there are " + join(sorted, ", "));
  }
  return std::nullopt;
}

}  // namespace

Result<void> check_servers(Cloud& cloud, std::span<const Resource> made, const Context& context) {
  const auto orders = cloud::one_of_each_pool(made, "hetzner.server");
  if (orders.empty()) return {};
  Catalogue catalogue;
  catalogue.types = TRY(cloud.account.list("/server_types", "server_types", {}, context));
  catalogue.images = TRY(cloud.account.list("/images", "images", {{"type", "system"}}, context));
  cloud::OrderProblems problems;
  for (const Resource* order : orders) {
    const std::string pool = "pool " + json_string_or(order->inputs, "pool");
    if (const auto problem = type_problem(catalogue, order->inputs)) problems.add(pool, *problem);
    if (const auto problem = image_problem(catalogue, order->inputs)) problems.add(pool, *problem);
  }
  const auto disk_of = [&](const std::string& name) -> std::optional<std::int64_t> {
    const Json* type = catalogue.type(name);
    return type == nullptr ? std::nullopt : std::optional(json_int_or(*type, "disk", 0));
  };
  TRY(cloud::add_disk_problems(cloud, servers(), {.type = "/server_type/name", .disk = "/primary_disk_size"}, made,
                               disk_of, problems, context));
  return problems.result();
}

Error with_offers(Cloud& cloud, Error error, const Attributes& inputs, const Context& context) {
  const bool is_about_the_order = error.code == ErrorCode::exhausted || error.code == ErrorCode::invalid_input;
  // the quota of a project is no matter of types and places
  if (!is_about_the_order || error.message.find("resource_limit_exceeded") != std::string::npos) return error;
  const auto types = cloud.account.list("/server_types", "server_types", {}, context);
  if (types.ok()) error.hint = offered_in(types.value(), cloud::locations_in(inputs));
  return error;
}

}  // namespace skep::hetzner
