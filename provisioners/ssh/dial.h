// The TCP connection under a session: names to addresses, one attempt with a deadline.
#pragma once

#include "planner/base/result.h"
#include "planner/system/context.h"
#include "planner/system/descriptor.h"
#include "planner/system/ssh.h"

namespace skep {

/// A connected, non-blocking socket. Blocks at most until the deadline or stop; a host name (not an address) is looked
/// up first by the system's resolver, which keeps times of its own.
/// Errors: unavailable (refused, unreachable, no answer: what a booting machine does), invalid_input (no such name),
/// cancelled.
Result<Descriptor> dial(const Endpoint& endpoint, const Context& context);

}  // namespace skep
