#include "providers/digitalocean/prices.h"

#include <algorithm>
#include <optional>

namespace skep::digitalocean {

namespace {

// From the provider's price list (digitalocean.com/pricing, as of August 2026); the API does not tell them.
constexpr double volume_gib_monthly = 0.10;
constexpr double balancer_node_monthly = 12.0;
constexpr double backup_share = 0.20;  // of the droplet's own price, for weekly ones

std::optional<double> size_price(const std::vector<Json>& sizes, const std::string& slug) {
  const auto found = std::ranges::find_if(sizes, [&](const Json& one) { return json_string_or(one, "slug") == slug; });
  if (found == sizes.end()) return std::nullopt;
  const Json price = found->value("price_monthly", Json());
  return price.is_number() ? std::optional(price.get<double>()) : std::nullopt;
}

}  // namespace

Prices prices_of(const std::vector<Json>& sizes, std::span<const Resource> resources) {
  Prices prices;
  prices.currency = "USD";
  for (const auto& resource : resources) {
    if (resource.driver == "digitalocean.server") {
      if (const auto price = size_price(sizes, json_string_or(resource.inputs, "type"))) {
        prices.monthly[resource.id] = *price * (1 + (resource.inputs.value("backups", false) ? backup_share : 0));
      } else {
        prices.unknown.push_back(resource.id);
      }
    } else if (resource.driver == "digitalocean.volume") {
      prices.monthly[resource.id] =
          volume_gib_monthly * static_cast<double>(json_int_or(resource.inputs, "size_gb", 0));
    } else if (resource.driver == "digitalocean.load_balancer") {
      prices.monthly[resource.id] = balancer_node_monthly;
    }
  }
  return prices;
}

}  // namespace skep::digitalocean
