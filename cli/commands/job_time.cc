#include "cli/commands/job_time.h"

#include <algorithm>
#include <optional>

#include "planner/base/number.h"

namespace skep {

namespace {

std::optional<Duration> left_of_job(const Outside& outside) {
  const auto started = outside.environment.find("CI_JOB_STARTED_AT");
  const auto timeout = outside.environment.find("CI_JOB_TIMEOUT");
  if (started == outside.environment.end() || timeout == outside.environment.end()) return std::nullopt;
  const auto since = parse_rfc3339(started->second);
  const auto seconds = parse_integer(timeout->second);
  if (!since || !seconds || *seconds <= 0) return std::nullopt;
  const Duration left = *since + std::chrono::seconds(*seconds) - outside.clock.wall();
  return std::max(left, Duration(std::chrono::milliseconds(1)));  // over already: stop before anything begins
}

}  // namespace

Result<Duration> deadline_of(const Invocation& invocation, const Outside& outside) {
  const Duration asked = TRY(invocation.duration("deadline", Duration(0)));
  return asked > Duration(0) ? asked : left_of_job(outside).value_or(Duration(0));
}

}  // namespace skep
