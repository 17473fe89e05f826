#include "providers/cloud/ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "planner/base/text.h"

namespace skep::cloud {

namespace {

std::optional<unsigned> number_in(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

using Groups = std::array<unsigned, 8>;

/// The groups that a part of an address between "::" writes; nothing when it is malformed.
std::optional<std::vector<unsigned>> groups_in(std::string_view text) {
  std::vector<unsigned> groups;
  for (const auto& word : split(text, ':')) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
    if (error != std::errc() || end != word.data() + word.size() || word.size() > 4) return std::nullopt;
    groups.push_back(value);
  }
  return groups;
}

std::optional<Groups> parse_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const auto before = groups_in(text.substr(0, std::min(gap, text.size())));
  const auto after = gap == text.npos ? std::vector<unsigned>{} : groups_in(text.substr(gap + 2));
  if (!before || !after) return std::nullopt;
  const std::size_t written = before->size() + after->size();
  if (gap == text.npos ? written != 8 : written > 7) return std::nullopt;
  Groups groups{};
  std::ranges::copy(*before, groups.begin());
  std::ranges::copy(*after, groups.end() - static_cast<std::ptrdiff_t>(after->size()));
  return groups;
}

/// RFC 5952: the longest run of two and more zeros becomes "::".
std::string ipv6_text(const Groups& groups) {
  std::size_t best = 0;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::size_t length = 0;
    while (i + length < groups.size() && groups[i + length] == 0) ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (best_length > 1 && i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

}  // namespace

std::optional<Range> parse_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto parts = split(text.substr(0, slash), '.');
  const auto prefix = number_in(text.substr(slash + 1), 32);
  if (parts.size() != 4 || !prefix) return std::nullopt;
  std::uint32_t first = 0;
  for (const auto& part : parts) {
    const auto value = number_in(part, 255);
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

bool overlap(const Range& one, const Range& other) {
  const int shift = 32 - std::min(one.prefix, other.prefix);
  return shift > 31 || one.first >> shift == other.first >> shift;
}

std::string canonical_range(const std::string& range) {
  const std::size_t slash = range.find('/');
  if (slash == std::string::npos) return range;
  const auto groups = parse_ipv6(std::string_view(range).substr(0, slash));
  return groups ? ipv6_text(*groups) + range.substr(slash) : range;
}

std::vector<std::string> canonical_ranges(const Json& list) {
  std::vector<std::string> ranges;
  for (const auto& one : list) {
    if (one.is_string()) ranges.push_back(canonical_range(one));
  }
  std::ranges::sort(ranges);
  return ranges;
}

const std::vector<std::string>& everybody() {
  static const std::vector<std::string> ranges = {"0.0.0.0/0", "::/0"};
  return ranges;
}

}  // namespace skep::cloud
