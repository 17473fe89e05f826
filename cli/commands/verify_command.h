// skep verify network: all pairs of nodes, small and large packets, with and without an overlay network.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

Result<int> verify_network_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
