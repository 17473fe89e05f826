// What a server says in its headers about waiting: Retry-After, and the budget of requests that is left.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "planner/system/clock.h"
#include "planner/system/http.h"

namespace skep {

/// The value of a header (`name` in lower case), or nothing.
std::optional<std::string_view> header(const Response& response, std::string_view name);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7, the form that servers must send).
std::optional<WallTime> parse_http_date(std::string_view text);

/// How long Retry-After asks to wait, never negative; nothing without it or when it cannot be read.
std::optional<Duration> retry_after(const Response& response, WallTime now);

/// What RateLimit-Reset says: the time at which the whole budget is there again (Hetzner), or at which the next request
/// is (DigitalOcean: the oldest leaves the window).
enum class ResetMeaning { full, next };

/// RateLimit-Limit, -Remaining and -Reset of one answer.
struct RateReading {
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  std::optional<WallTime> reset = {};  // UNIX time

  /// How long until one more request is allowed, as far as the reading tells; at least a second, at most `longest`.
  Duration one_more(WallTime now, ResetMeaning meaning, Duration longest) const;
  bool operator==(const RateReading&) const = default;
};
std::optional<RateReading> rate_reading(const Response& response);

}  // namespace skep
