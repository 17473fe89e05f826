// skep recover: one manager goes on alone after the quorum is lost for good.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

Result<int> recover_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
