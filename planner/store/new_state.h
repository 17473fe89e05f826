// A state in which nothing is yet.
#pragma once

#include "planner/model/state.h"
#include "planner/system/random.h"

namespace skep {

/// With a lineage and a key for digests of its own.
State new_state(Random& random);

}  // namespace skep
