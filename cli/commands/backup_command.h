// skep swarm backup and unpack: the swarm's own state in a file, encrypted where there is a key.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

Result<int> swarm_backup_command(const Invocation& invocation, Outside& outside);
Result<int> swarm_unpack_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
