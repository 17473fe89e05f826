#include "providers/digitalocean/offers.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "planner/base/text.h"
#include "providers/cloud/orders.h"
#include "providers/cloud/ranges.h"
#include "providers/digitalocean/dialect.h"
#include "providers/digitalocean/digitalocean.h"

namespace skep::digitalocean {

namespace {

struct Catalogue {
  std::vector<Json> sizes;
  std::vector<Json> regions;
  std::vector<Json> images;
};

const Json* with_slug(const std::vector<Json>& list, const std::string& slug) {
  const auto found = std::ranges::find_if(list, [&](const Json& one) { return json_string_or(one, "slug") == slug; });
  return found == list.end() ? nullptr : &*found;
}

bool is_sold_in(const Json& size, const std::string& region) {
  return cloud::holds(size.value("regions", Json::array()), region);
}

std::vector<std::string> slugs_where(const std::vector<Json>& list, const auto& test) {
  std::vector<std::string> slugs;
  for (const auto& one : list) {
    const std::string slug = json_string_or(one, "slug");
    if (!slug.empty() && test(one)) slugs.push_back(slug);
  }
  std::ranges::sort(slugs, natural_less);
  return slugs;
}

bool is_available(const Json& one) { return one.value("available", false); }
bool is_any(const Json&) { return true; }

std::string offered_in(const std::vector<Json>& sizes, const std::string& region) {
  const auto slugs =
      slugs_where(sizes, [&](const Json& size) { return is_available(size) && is_sold_in(size, region); });
  return slugs.empty() ? fmt::format("{} offers nothing at the moment", region)
                       : fmt::format("{} offers {}", region, join(slugs, ", "));
}

std::optional<Error> region_problem(const Catalogue& catalogue, const std::string& region) {
  const Json* found = with_slug(catalogue.regions, region);
  const auto open = slugs_where(catalogue.regions, is_available);
  const std::string hint = "there are " + join(open, ", ");
  if (found == nullptr) {
    return cloud::unknown_name(digitalocean_provider_name, "region", region, "", slugs_where(catalogue.regions, is_any),
                               hint);
  }
  if (is_available(*found)) return std::nullopt;
  return Error{ErrorCode::exhausted, fmt::format("digitalocean takes no new droplets in {} at the moment", region),
               hint};
}

/// The list does not tell what was never sold in a region from what is sold out there.
std::optional<Error> size_problem(const Catalogue& catalogue, const Attributes& inputs, const std::string& region) {
  const std::string hint = offered_in(catalogue.sizes, region);
  for (const auto& type : cloud::types_in(inputs)) {
    const Json* size = with_slug(catalogue.sizes, type);
    if (size == nullptr) {
      return cloud::unknown_name(digitalocean_provider_name, "size", type, "", slugs_where(catalogue.sizes, is_any),
                                 hint);
    }
    if (is_sold_in(*size, region) && is_available(*size)) return std::nullopt;
  }
  return Error{ErrorCode::exhausted,
               fmt::format("{} cannot be ordered in {} at the moment", join(cloud::types_in(inputs), ", "), region),
               hint};
}

/// A number is an image of the user's own: it is not in the list of distributions.
std::optional<Error> image_problem(const Catalogue& catalogue, const Attributes& inputs, const std::string& region) {
  const std::string image = json_string_or(inputs, "image");
  if (id_number(image) > 0) return std::nullopt;
  const auto here = slugs_where(
      catalogue.images, [&](const Json& one) { return cloud::holds(one.value("regions", Json::array()), region); });
  if (std::ranges::find(here, image) != here.end()) return std::nullopt;
  return cloud::unknown_name(digitalocean_provider_name, "image", image, " in " + region, here,
                             "there are " + join(here, ", "));
}

/// No two VPCs of an account may overlap, and the request would say so only after other things were made.
std::optional<Error> range_problem(const std::vector<Json>& vpcs, const Resource& network) {
  const auto wanted = cloud::parse_range(json_string_or(network.inputs, "range"));
  if (!wanted) return std::nullopt;
  for (const auto& vpc : vpcs) {
    if (networks().owner(vpc, network.id.kind, cluster_of(network))) continue;
    const auto taken = cloud::parse_range(json_string_or(vpc, "ip_range"));
    if (!taken || !cloud::overlap(*wanted, *taken)) continue;
    return Error{ErrorCode::invalid_input,
                 fmt::format("the network's range {} overlaps {} of the account's VPC {}", cloud::range_text(*wanted),
                             cloud::range_text(*taken), json_string_or(vpc, "name")),
                 "set network.range to another one, such as 10.10.0.0/20"};
  }
  return std::nullopt;
}

}  // namespace

Result<void> check_servers(Cloud& cloud, std::span<const Resource> made, const Context& context) {
  for (const auto& resource : made) {
    if (resource.driver != "digitalocean.network") continue;
    const auto vpcs = TRY(cloud.account.list(networks().path, networks().many, {}, context));
    if (auto problem = range_problem(vpcs, resource)) return *problem;
  }
  const auto orders = cloud::one_of_each_pool(made, "digitalocean.server");
  if (orders.empty()) return {};
  Catalogue catalogue;
  catalogue.sizes = TRY(cloud.account.list("/sizes", "sizes", {}, context));
  catalogue.regions = TRY(cloud.account.list("/regions", "regions", {}, context));
  catalogue.images = TRY(cloud.account.list("/images", "images", {{"type", "distribution"}}, context));
  cloud::OrderProblems problems;
  for (const Resource* order : orders) {
    const std::string pool = "pool " + json_string_or(order->inputs, "pool");
    const std::string region = json_string_or(order->inputs, "location");
    if (const auto problem = region_problem(catalogue, region)) {
      problems.add(pool, *problem);
      continue;  // what else is wrong follows from it
    }
    if (const auto problem = size_problem(catalogue, order->inputs, region)) problems.add(pool, *problem);
    if (const auto problem = image_problem(catalogue, order->inputs, region)) problems.add(pool, *problem);
  }
  const auto disk_of = [&](const std::string& slug) -> std::optional<std::int64_t> {
    const Json* size = with_slug(catalogue.sizes, slug);
    return size == nullptr ? std::nullopt : std::optional(json_int_or(*size, "disk", 0));
  };
  TRY(cloud::add_disk_problems(cloud, servers(), {.type = "/size_slug", .disk = "/disk"}, made, disk_of, problems,
                               context));
  return problems.result();
}

Error with_offers(Cloud& cloud, Error error, const Attributes& inputs, const Context& context) {
  if (error.code != ErrorCode::exhausted || is_quota(error)) return error;
  const auto sizes = cloud.account.list("/sizes", "sizes", {}, context);
  if (sizes.ok()) error.hint = offered_in(sizes.value(), json_string_or(inputs, "location"));
  return error;
}

}  // namespace skep::digitalocean
