// Ranges of addresses, as users write them and as clouds report them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/base/json.h"

namespace skep::cloud {

struct Range {
  std::uint32_t first = 0;
  int prefix = 0;
};
/// "10.0.0.0/16", without host bits; nothing for anything else.
std::optional<Range> parse_range(std::string_view text);
std::string range_text(const Range& range);
bool is_private(const Range& range);

bool overlap(const Range& one, const Range& other);

/// "2001:0db8::/64" is "2001:db8::/64"; what is no IPv6 range is returned as it is.
std::string canonical_range(const std::string& range);

/// Those in a list of texts, each as canonical_range(), sorted.
std::vector<std::string> canonical_ranges(const Json& list);

/// {"0.0.0.0/0", "::/0"}
const std::vector<std::string>& everybody();

}  // namespace skep::cloud
