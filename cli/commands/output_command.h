// `skep output`: addresses and ids for other tools, from the state alone.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Prints in the form of --format. Errors: those of open_cluster() and of the store; not_found (nothing was applied
/// yet, where the form needs an address).
Result<int> output_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
