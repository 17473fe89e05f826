// `skep state list, show, pull, unlock`: what skep knows. All but unlock only read.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

Result<int> state_list_command(const Invocation& invocation, Outside& outside);
/// Errors: not_found (no such resource on record), with the closest one.
Result<int> state_show_command(const Invocation& invocation, Outside& outside);
Result<int> state_pull_command(const Invocation& invocation, Outside& outside);
/// Shows the holder and asks, unless --force. Errors: invalid_input (nobody to ask, or not approved).
Result<int> state_unlock_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
