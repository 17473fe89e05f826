// `skep plan`: what apply would do. Takes no lock and writes nothing but the file of -out.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Returns the exit code. Errors: those of open_cluster() and make_cluster_plan(), and of writing the file.
Result<int> plan_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
