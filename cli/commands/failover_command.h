// skep failover IP [NODE]: a floating IP on a healthy node, now.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

Result<int> failover_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
