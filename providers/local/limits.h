// A machine's size as the spec names it ("2cpu-1gb"), and as control groups want it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace skep {

struct Limits {
  int cpus = 0;                    // 0: no limit
  std::uint64_t memory_bytes = 0;  // 0: no limit
  bool operator==(const Limits&) const = default;
};

/// "NcpuMgb" with a hyphen between: 1 to 512 processors, 1 to 4096 GiB. "" has no limits. None when malformed.
std::optional<Limits> parse_limits(std::string_view type);

}  // namespace skep
