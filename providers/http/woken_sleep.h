// Sleeping on the clock until another thread says that it is time: so that waiting for one another costs no polling,
// and works on a simulated clock too.
#pragma once

#include <stop_token>

#include "planner/base/result.h"
#include "planner/system/clock.h"

namespace skep {

/// Blocks until `woken` is requested, or `at_most` has passed: both end well. Errors: cancelled (context.stop),
/// unavailable (the context's deadline came first).
Result<void> sleep_until_woken(const Clock& clock, const std::stop_token& woken, Duration at_most,
                               const Context& context);

}  // namespace skep
