// `skep state history`: who applied what, and when; and of one apply, what became of each step.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Only reads. Errors: not_found (no such apply), those of the store.
Result<int> state_history_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
