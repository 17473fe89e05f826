// `skep validate`: everything that can be known about a spec offline.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Prints the problems to stderr, or with --json one record to stdout. Returns exit_done or exit_error.
Result<int> validate_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
