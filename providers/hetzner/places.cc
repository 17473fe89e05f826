#include "providers/hetzner/places.h"

#include <algorithm>
#include <array>

namespace skep::hetzner {

namespace {

struct Place {
  std::string_view location;
  std::string_view zone;
};
constexpr std::array<Place, 6> places = {{{"fsn1", "eu-central"},
                                          {"nbg1", "eu-central"},
                                          {"hel1", "eu-central"},
                                          {"ash", "us-east"},
                                          {"hil", "us-west"},
                                          {"sin", "ap-southeast"}}};
constexpr std::array<std::string_view, 4> zones = {"eu-central", "us-east", "us-west", "ap-southeast"};
constexpr int zone_bits = 2;

}  // namespace

std::optional<std::string> zone_of(std::string_view location) {
  const auto* found = std::ranges::find(places, location, &Place::location);
  if (found == places.end()) return std::nullopt;
  return std::string(found->zone);
}

std::vector<std::string> location_names() {
  std::vector<std::string> names;
  for (const auto& place : places) names.emplace_back(place.location);
  return names;
}

std::string subnet_of(const Range& range, std::string_view zone) {
  const auto* found = std::ranges::find(zones, zone);
  const auto index = static_cast<std::uint32_t>(found == zones.end() ? 0 : found - zones.begin());
  const int prefix = range.prefix + zone_bits;
  return cloud::range_text({range.first + (index << (32 - prefix)), prefix});
}

}  // namespace skep::hetzner
