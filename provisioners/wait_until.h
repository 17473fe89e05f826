// Waiting until something on the hosts is as it should be: look, say what is awaited, pause, look again.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "planner/system/clock.h"

namespace skep {

struct Waiting {
  std::string what;  // "manager-2 to be reachable"
  Duration every = std::chrono::milliseconds(250);
  Duration at_most = std::chrono::minutes(5);
};

/// What a look found out: the value that was awaited, or why it is not there yet.
template <class T>
struct Looked {
  std::optional<T> value = {};
  std::string not_yet = {};
};

/// Looks until there is a value. A look that fails with `unavailable` counts as "not yet"; other errors end the wait.
/// The first ten pauses last `every`, later ones grow to ten times that. Blocks until waiting.at_most or
/// context.deadline. Errors: unavailable (names what was awaited, for how long, and what was seen last), cancelled,
/// those of `look`.
template <class T>
Result<T> wait_until(const Clock& clock, const Waiting& waiting, const Context& context,
                     const std::function<Result<Looked<T>>(const Context&)>& look) {
  const Context limited = within(clock, waiting.at_most, context);
  const Instant begun = clock.now();
  Duration pause = waiting.every;
  for (std::string last;;) {
    auto seen = look(limited);
    if (seen.ok() && seen.value().value) return std::move(*std::move(seen).value().value);
    if (!seen.ok() && seen.error().code != ErrorCode::unavailable) return std::move(seen).error();
    last = seen.ok() ? seen.value().not_yet : seen.error().message;
    const auto waited = std::chrono::duration_cast<Duration>(clock.now() - begun);
    if (waited >= std::chrono::seconds(2)) {
      context.say(fmt::format("waiting for {} ({} of at most {}): {}", waiting.what, human_duration(waited),
                              human_duration(waiting.at_most), last));
    }
    const auto slept = clock.sleep(pause, limited);
    if (!slept.ok() && slept.error().code == ErrorCode::cancelled) return slept.error();
    if (!slept.ok() || clock.now() >= limited.deadline) {
      return Error{ErrorCode::unavailable,
                   fmt::format("waited {} for {}: {}", human_duration(clock.now() - begun), waiting.what, last)};
    }
    if (waited >= 10 * waiting.every) pause = std::min(pause + waiting.every, 10 * waiting.every);
  }
}

}  // namespace skep
