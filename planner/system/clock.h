// Seam 1 of 6: time. Everything that waits, waits through here, so that a simulated clock can jump.
#pragma once

#include <optional>
#include <string>

#include "planner/base/result.h"
#include "planner/system/context.h"

namespace skep {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall() const = 0;

  /// Sleeps for `duration`, or until the context's deadline if that is nearer. Safe from any thread.
  /// Errors: cancelled (woken by context.stop), unavailable (the deadline came first).
  virtual Result<void> sleep(Duration duration, const Context& context) const = 0;
};

/// The computer's clock. Sleeping is woken at once by a stop request.
class SystemClock final : public Clock {
 public:
  Instant now() const override;
  WallTime wall() const override;
  Result<void> sleep(Duration duration, const Context& context) const override;
};

/// "2026-11-21T09:30:00Z".
std::string rfc3339(WallTime time);
/// The same read back, in UTC ("Z") alone; nothing for any other text.
std::optional<WallTime> parse_rfc3339(const std::string& text);

/// A copy of `context` whose deadline is at most `at_most` from now.
Context within(const Clock& clock, Duration at_most, const Context& context);

}  // namespace skep
