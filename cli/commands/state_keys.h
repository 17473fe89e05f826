// The keys that seal shared states and saved plans, from where the user keeps them.
#pragma once

#include "cli/outside.h"
#include "planner/store/key_ring.h"

namespace skep {

/// SKEP_STATE_KEY, else the file SKEP_STATE_KEY_FILE, else what SKEP_STATE_KEY_COMMAND prints (`sh -c`, two minutes at
/// most); none: an empty ring. Errors: invalid_input (more than one of them is set, unfit), those of Files and
/// Processes; never with anything of a key.
Result<KeyRing> state_keys(const Outside& outside);

}  // namespace skep
