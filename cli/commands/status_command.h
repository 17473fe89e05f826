// `skep status`: how the cluster is, on one screen.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Once, or every two seconds with --watch until Ctrl-C. Errors: those of open_cluster() and observe_cluster(); a plan
/// that is refused is shown, it is no error here.
Result<int> status_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
