#include "planner/system/clock.h"

#include <cstdio>

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace skep {

namespace {

// Far deadlines (Instant::max() above all) overflow inside the standard library when they become nanoseconds.
constexpr Duration longest_wait = std::chrono::hours(24);

/// `now + duration` without overflow.
Instant after(Instant now, Duration duration) {
  return duration > Instant::max() - now ? Instant::max() : now + duration;
}

}  // namespace

Instant SystemClock::now() const { return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()); }

WallTime SystemClock::wall() const {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Result<void> SystemClock::sleep(Duration duration, const Context& context) const {
  const Instant begun = now();
  const Instant wanted = after(begun, std::max(duration, Duration::zero()));
  const Instant end = std::min(wanted, std::max(context.deadline, begun));
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  while (!context.stop.stop_requested()) {
    const Instant present = now();
    if (present >= end) break;
    // One millisecond more, because now() rounds down.
    const auto until = std::chrono::steady_clock::now() + std::min(end - present, longest_wait) + Duration(1);
    woken.wait_until(lock, context.stop, until, [] { return false; });
  }
  if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped on request"};
  if (end < wanted) return Error{ErrorCode::unavailable, "the deadline passed"};
  return {};
}

std::string rfc3339(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::optional<WallTime> parse_rfc3339(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, end = 0;
  const int fields =
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute, &second, &end);
  if (fields != 6 || static_cast<std::size_t>(end) != text.size()) return std::nullopt;
  const auto date = std::chrono::year(year) / month / day;
  const bool is_time = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
  if (!date.ok() || !is_time) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

Context within(const Clock& clock, Duration at_most, const Context& context) {
  Context nearer = context;
  nearer.deadline = std::min(context.deadline, after(clock.now(), at_most));
  return nearer;
}

}  // namespace skep
