// `skep graph`: the resources of the spec, or the steps of the plan, as a picture.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Without --plan it asks no cloud and no host. Errors: as those of `skep plan`.
Result<int> graph_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
