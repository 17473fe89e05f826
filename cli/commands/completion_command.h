// `skep completion SHELL`: a completion script made from the command tree.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

Result<int> completion_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
