// Where Hetzner Cloud is, and how a private range is shared out among its network zones. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/cloud/ranges.h"

namespace skep::hetzner {

/// "fsn1" is in "eu-central"; nothing when there is no such location.
std::optional<std::string> zone_of(std::string_view location);
std::vector<std::string> location_names();

using cloud::Range;

/// The quarter of the range that belongs to a zone: always the same, so that a zone that comes later moves nobody.
std::string subnet_of(const Range& range, std::string_view zone);

/// When the spec names no range. None that Docker takes by itself before others, and outside of swarm's usual 10/8.
inline constexpr const char* usual_range = "172.27.0.0/16";

}  // namespace skep::hetzner
