// What --only and --except leave of a draft. Pure.
#pragma once

#include "planner/engine/draft.h"

namespace skep {

/// Sets to Action::none what the options leave out. What is chosen brings along what it cannot do without: the rest of
/// its node when the node is replaced, what it needs and is not there yet, and for something that goes, what must stop
/// using it before. Says in a warning how many changes were left out.
/// Errors: invalid_input (a pattern names nothing; what is chosen cannot do without what --except names).
Result<void> select(Draft& draft, std::span<const Resource> wanted, const PlanOptions& options);

}  // namespace skep
