// The state that a command begins with: this cluster's, and no other one's.
#pragma once

#include <string>
#include <vector>

#include "cli/outside.h"
#include "planner/base/result.h"
#include "planner/model/state.h"

namespace skep {

/// Errors: refused (it is the state of a cluster of another name: `name` was edited, or the place is another
/// cluster's), those of Store::load().
Result<State> load_state(Store& store, const StatePlace& place);

/// A warning for each cluster whose state lies beside that of this one and holds machines, while this one has none yet:
/// whoever edits `name` makes a new cluster, and the old one goes on and costs money. Reads the states beside it.
std::vector<std::string> forgotten_clusters(const State& stored, const StatePlace& place, const Outside& outside);

}  // namespace skep
