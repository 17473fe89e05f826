#include "providers/hetzner/prices.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace skep::hetzner {

namespace {

/// Prices are texts: "5.4900000000".
std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> net_of(const Json& price) {
  return price.is_object() ? number_in(json_string_or(price, "net")) : std::nullopt;
}

/// The monthly price of the entry whose `key` is `name`, in the location; in any where it is not known.
std::optional<double> monthly(const Json& list, const char* part, const char* key, const std::string& name,
                              const std::string& location) {
  const Json entries = list.value(part, Json::array());
  for (const auto& entry : entries) {
    if (json_string_or(entry, key) != name) continue;
    for (const auto& price : entry.value("prices", Json::array())) {
      if (location.empty() || json_string_or(price, "location") == location)
        return net_of(price.value("price_monthly", Json()));
    }
  }
  return std::nullopt;
}

/// What backups cost, as a share of the server's own price.
double backup_share(const Json& list) {
  const Json backup = list.value("server_backup", Json::object());
  return number_in(json_string_or(backup, "percentage")).value_or(0) / 100;
}

std::optional<double> server_price(const Json& list, const Attributes& inputs) {
  const std::string location = json_string_or(inputs, "location");
  const auto machine = monthly(list, "server_types", "name", json_string_or(inputs, "type"), location);
  const auto address = monthly(list, "primary_ips", "type", "ipv4", location);
  if (!machine) return std::nullopt;
  const double share = inputs.value("backups", false) ? backup_share(list) : 0;
  return *machine * (1 + share) + address.value_or(0);
}

std::optional<double> volume_price(const Json& list, const Attributes& inputs) {
  const Json volume = list.value("volume", Json::object());
  const auto per_gb = net_of(volume.value("price_per_gb_month", Json()));
  if (!per_gb) return std::nullopt;
  return *per_gb * static_cast<double>(json_int_or(inputs, "size_gb", 0));
}

using PriceOf = std::optional<double> (*)(const Json&, const Attributes&);

PriceOf price_of(const std::string& driver) {
  if (driver == "hetzner.server") return server_price;
  if (driver == "hetzner.volume") return volume_price;
  if (driver == "hetzner.floating_ip") {
    return [](const Json& list, const Attributes&) { return monthly(list, "floating_ips", "type", "ipv4", ""); };
  }
  if (driver == "hetzner.load_balancer") {
    return [](const Json& list, const Attributes& inputs) {
      return monthly(list, "load_balancer_types", "name", json_string_or(inputs, "type"),
                     json_string_or(inputs, "location"));
    };
  }
  return nullptr;
}

}  // namespace

Prices prices_of(const Json& list, std::span<const Resource> resources) {
  Prices prices;
  prices.currency = json_string_or(list, "currency");
  for (const auto& resource : resources) {
    const PriceOf price = price_of(resource.driver);
    if (price == nullptr) continue;
    if (const auto value = price(list, resource.inputs)) {
      prices.monthly[resource.id] = *value;
    } else {
      prices.unknown.push_back(resource.id);
    }
  }
  return prices;
}

}  // namespace skep::hetzner
