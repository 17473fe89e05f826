#include "providers/local/limits.h"

#include <regex>
#include <string>

namespace skep {

std::optional<Limits> parse_limits(std::string_view type) {
  if (type.empty()) return Limits{};
  static const std::regex form("^([1-9][0-9]{0,2})cpu-([1-9][0-9]{0,3})gb$");
  std::smatch match;
  const std::string text(type);
  if (!std::regex_match(text, match, form)) return std::nullopt;
  const Limits limits{std::stoi(match[1]), std::stoull(match[2]) << 30};
  if (limits.cpus > 512 || limits.memory_bytes > (std::uint64_t{4096} << 30)) return std::nullopt;
  return limits;
}

}  // namespace skep
