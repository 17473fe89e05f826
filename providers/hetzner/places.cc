#include "providers/hetzner/places.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "planner/base/text.h"

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

std::optional<unsigned> number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

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

std::optional<Range> parse_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto parts = split(text.substr(0, slash), '.');
  const auto prefix = number(text.substr(slash + 1), 32);
  if (parts.size() != 4 || !prefix) return std::nullopt;
  std::uint32_t first = 0;
  for (const auto& part : parts) {
    const auto value = number(part, 255);
    if (!value) return std::nullopt;
    first = (first << 8) | *value;
  }
  const std::uint64_t size = 1ULL << (32 - *prefix);
  if (first % size != 0) return std::nullopt;
  return Range{first, static_cast<int>(*prefix)};
}

std::string range_text(const Range& range) {
  const std::uint32_t at = range.first;
  return fmt::format("{}.{}.{}.{}/{}", at >> 24, (at >> 16) & 255, (at >> 8) & 255, at & 255, range.prefix);
}

bool is_private(const Range& range) {
  return std::ranges::any_of(
      std::array<Range, 3>{{{0x0A000000, 8}, {0xAC100000, 12}, {0xC0A80000, 16}}}, [&](const Range& whole) {
        return range.prefix >= whole.prefix && range.first >> (32 - whole.prefix) == whole.first >> (32 - whole.prefix);
      });
}

std::string subnet_of(const Range& range, std::string_view zone) {
  const auto* found = std::ranges::find(zones, zone);
  const auto index = static_cast<std::uint32_t>(found == zones.end() ? 0 : found - zones.begin());
  const int prefix = range.prefix + zone_bits;
  return range_text({range.first + (index << (32 - prefix)), prefix});
}

}  // namespace skep::hetzner
