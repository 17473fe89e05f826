// `skep apply` and `skep destroy`: load, lock, look, plan, show, ask, run, report.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Blocks until everything is done, failed or stopped. Returns the exit code. Errors before anything was begun:
/// conflict (locked), refused (a safety rule), cancelled, invalid_input (stale plan, wrong spec, no approval).
Result<int> apply_command(const Invocation& invocation, Outside& outside);
Result<int> destroy_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
