// What journal entries mean for a state: the rule that every store keeps, as a pure function.
#pragma once

#include <span>

#include "planner/model/state.h"
#include "planner/store/journal.h"

namespace skep {

/// Applies `entries` in order. A resource has at most one open intent: a later Begin takes the place of an earlier one.
/// `open` stays sorted by id. `serial` grows by one for each Finish that changed a record.
void replay(std::span<const Entry> entries, State& state);

}  // namespace skep
