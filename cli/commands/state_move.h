// `skep state push` and `skep state migrate`: a whole state in the place of another.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Errors: not_found (no file), invalid_input (no state), refused (another lineage, an older serial, or the same serial
/// with other content; --force goes on), conflict (locked).
Result<int> state_push_command(const Invocation& invocation, Outside& outside);

/// From --from to where the spec says. Both are locked meanwhile, the copy is read back, and the old place is marked:
/// from then on load() there is refused. Cut off, the same command goes on. Errors: as push, refused (it was moved to a
/// third place), not_found (there is no state).
Result<int> state_migrate_command(const Invocation& invocation, Outside& outside);

}  // namespace skep
