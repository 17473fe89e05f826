// The serial that a state had when a run last let go of it, in a small file beside it: an older copy that is put back
// later gives itself away.
#pragma once

#include <cstdint>
#include <string>

#include "planner/model/state.h"

namespace skep {

/// Notes it for the next run. Where that fails nothing is known then, which is no reason to stop anybody.
void note_last_seen(const std::string& path, const std::string& lineage, std::int64_t serial);

/// The greater serial that was seen of the same state; 0 when the state is the newest that is known of.
std::int64_t newer_serial_seen(const std::string& path, const State& state);

}  // namespace skep
