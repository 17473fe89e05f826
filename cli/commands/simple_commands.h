// `skep schema`, `skep version` and `skep help`: commands that only print what the program knows of itself.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

Result<int> schema_command(const Invocation& invocation, Outside& outside);
Result<int> version_command(const Invocation& invocation, Outside& outside);

/// Errors: invalid_input (no such command).
Result<int> help_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
