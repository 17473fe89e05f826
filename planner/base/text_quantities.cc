// Durations and sizes as people write and read them. Apart from text.cc, which knows no units.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "planner/base/text.h"

namespace skep {

namespace {

constexpr std::chrono::milliseconds duration_limit = std::chrono::hours(24 * 365);
constexpr std::uint64_t size_limit = std::uint64_t{1} << 60;

/// The digits at the front, taken off `text`; none when there are none or the number passes `limit`.
std::optional<std::uint64_t> take_number(std::string_view& text, std::uint64_t limit) {
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  std::uint64_t number = 0;
  while (!text.empty() && is_digit(text[0])) {
    const auto digit = static_cast<std::uint64_t>(text[0] - '0');
    if (number > (limit - digit) / 10) return std::nullopt;
    number = number * 10 + digit;
    text.remove_prefix(1);
  }
  return number;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> units = {
      {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
  const auto limit = static_cast<std::uint64_t>(duration_limit.count());
  if (text.empty()) return std::nullopt;
  std::uint64_t total = 0;
  std::size_t next = 0;  // units come from large to small, each once
  while (!text.empty()) {
    const auto number = take_number(text, limit);
    if (!number) return std::nullopt;
    const auto name = text.substr(0, std::min(text.find_first_of("0123456789"), text.size()));
    while (next < units.size() && units[next].first != name) ++next;
    if (next == units.size()) return std::nullopt;
    total += *number * units[next].second;
    if (total > limit) return std::nullopt;
    text.remove_prefix(name.size());
    ++next;
  }
  return std::chrono::milliseconds(total);
}

std::string human_duration(std::chrono::milliseconds duration) {
  using std::chrono::duration_cast;
  if (duration < std::chrono::milliseconds::zero()) return "0 s";
  const auto tenths = (duration.count() + 50) / 100;
  if (tenths < 100) {
    return tenths % 10 == 0 ? fmt::format("{} s", tenths / 10) : fmt::format("{}.{} s", tenths / 10, tenths % 10);
  }
  const auto seconds = duration.count() / 1000 + (duration.count() % 1000 >= 500 ? 1 : 0);
  const auto pair = [](std::int64_t large, const char* unit, std::int64_t small, const char* small_unit) {
    return small == 0 ? fmt::format("{} {}", large, unit) : fmt::format("{} {} {} {}", large, unit, small, small_unit);
  };
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return pair(seconds / 60, "min", seconds % 60, "s");
  const auto minutes = seconds / 60;
  if (minutes < 48 * 60) return pair(minutes / 60, "h", minutes % 60, "min");
  return pair(minutes / 60 / 24, "d", minutes / 60 % 24, "h");
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 12> units = {
      {{"B", 1},
       {"kB", 1'000},
       {"KB", 1'000},
       {"MB", 1'000'000},
       {"GB", 1'000'000'000},
       {"TB", 1'000'000'000'000},
       {"PB", 1'000'000'000'000'000},
       {"KiB", std::uint64_t{1} << 10},
       {"MiB", std::uint64_t{1} << 20},
       {"GiB", std::uint64_t{1} << 30},
       {"TiB", std::uint64_t{1} << 40},
       {"PiB", std::uint64_t{1} << 50}}};
  const auto number = take_number(text, size_limit);
  if (!number) return std::nullopt;
  for (const auto& [name, bytes] : units) {
    if (text != name) continue;
    if (*number > size_limit / bytes) return std::nullopt;
    return *number * bytes;
  }
  return std::nullopt;
}

std::string human_size(std::uint64_t bytes) {
  static constexpr std::array<const char*, 7> binary = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  static constexpr std::array<const char*, 7> decimal = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  for (std::size_t i = binary.size() - 1; i > 0; --i) {  // exact in a binary unit: people meant that unit
    const std::uint64_t unit = std::uint64_t{1} << (10 * i);
    if (bytes >= unit && bytes % unit == 0 && bytes / unit < 10'000)
      return fmt::format("{} {}", bytes / unit, binary[i]);
  }
  if (bytes < 1000) return fmt::format("{} B", bytes);
  std::size_t unit = 0;
  auto value = static_cast<double>(bytes);
  for (; value >= 999.95 && unit + 1 < decimal.size(); ++unit) value /= 1000;
  return fmt::format("{:.1f} {}", value, decimal[unit]);
}

}  // namespace skep
