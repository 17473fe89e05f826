// skep swarm unlock, unlock-key and rotate: what managers lock with, and what gives access to a swarm.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

Result<int> swarm_unlock_command(const Invocation& invocation, Outside& outside);
Result<int> swarm_unlock_key_command(const Invocation& invocation, Outside& outside);
Result<int> swarm_rotate_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
