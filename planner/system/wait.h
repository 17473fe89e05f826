// Waiting on descriptors with a deadline and a stop request: the only poll(2) loop in skep.
#pragma once

#include <span>

#include "planner/base/result.h"
#include "planner/system/context.h"

struct pollfd;

namespace skep {

/// Blocks until one of `descriptors` is ready as asked (poll(2) events; revents are filled in), the deadline, or stop.
/// Errors: unavailable (deadline), cancelled (stop).
Result<void> wait_for_descriptors(std::span<pollfd> descriptors, const Context& context);

}  // namespace skep
