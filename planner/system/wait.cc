#include "planner/system/wait.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

#include "planner/system/clock.h"
#include "planner/system/descriptor.h"
#include "planner/system/os_error.h"

namespace skep {

namespace {

constexpr Duration longest_poll = std::chrono::hours(1);

/// For poll(2): milliseconds until the deadline, 0 when it has passed.
int timeout_until(Instant deadline) {
  const Instant now = SystemClock().now();
  if (deadline <= now) return 0;
  const Duration left = deadline - now;
  // now() rounds down, so one more is needed not to come too early
  return static_cast<int>(std::min(left, longest_poll).count()) + 1;
}

struct Wake {
  int descriptor;
  void operator()() const noexcept {
    const std::uint64_t one = 1;
    while (::write(descriptor, &one, sizeof one) < 0 && errno == EINTR) continue;
  }
};

}  // namespace

Result<void> wait_for_descriptors(std::span<pollfd> descriptors, const Context& context) {
  const auto stopped = [] { return Error{ErrorCode::cancelled, "stopped on request"}; };
  if (context.stop.stop_requested()) return stopped();

  std::vector<pollfd> watched(descriptors.begin(), descriptors.end());
  Descriptor wake;
  std::optional<std::stop_callback<Wake>> on_stop;  // after `wake`: it is taken off before the descriptor is closed
  if (context.stop.stop_possible()) {
    wake = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake.is_open()) return os_error(errno, "wait for input");
    watched.push_back({wake.get(), POLLIN, 0});
    on_stop.emplace(context.stop, Wake{wake.get()});
  }

  for (;;) {
    const int timeout = timeout_until(context.deadline);
    const int count = poll(watched.data(), watched.size(), timeout);
    if (count < 0 && errno != EINTR) return os_error(errno, "wait for input");
    if (context.stop.stop_requested()) return stopped();
    if (count > 0) {
      std::copy_n(watched.begin(), descriptors.size(), descriptors.begin());
      return {};
    }
    if (count == 0 && timeout == 0) return Error{ErrorCode::unavailable, "the deadline passed"};
  }
}

}  // namespace skep
