// `skep state rebuild`: a lost state is made again from the clouds' labels, the machines and the swarm.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Puts on record what the spec wants and what exists; makes, changes and destroys nothing. Takes the lock.
/// Returns exit_done, exit_error (something could not be looked at), exit_stopped. Errors: those of observing.
Result<int> state_rebuild_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
