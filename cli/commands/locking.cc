#include "cli/commands/locking.h"

#include <algorithm>

#include "planner/base/text.h"

namespace skep {

namespace {

constexpr Duration pause_longest = std::chrono::seconds(16);

Error with_hint(Error error) {
  if (error.hint.empty()) {
    error.hint = "wait for it with --lock-timeout 10m; if its process is surely gone: skep state unlock";
  }
  return error;
}

}  // namespace

Result<std::unique_ptr<Lock>> take_lock(Store& store, const std::string& operation, const Invocation& invocation,
                                        Outside& outside) {
  const Duration timeout = TRY(invocation.duration("lock-timeout", Duration(0)));
  const Instant deadline = outside.clock.now() + timeout;
  const Holder me = {.user = outside.me.user,
                     .host = outside.me.host,
                     .pid = outside.me.pid,
                     .operation = operation,
                     .job_url = variable(outside, "CI_JOB_URL"),
                     .since = outside.clock.wall()};
  Duration pause = std::chrono::seconds(1);
  while (true) {
    auto lock = store.lock(me);
    if (lock.ok() || lock.error().code != ErrorCode::conflict) return lock;
    const Duration left = deadline - outside.clock.now();
    if (left <= Duration(0)) return with_hint(std::move(lock).error());
    outside.err << lock.error().message << "; waiting for at most " << human_duration(left) << std::endl;
    TRY(outside.clock.sleep(std::min(pause, left), {.stop = outside.stop}).doing("wait for the lock"));
    pause = std::min(pause * 2, pause_longest);
  }
}

}  // namespace skep
