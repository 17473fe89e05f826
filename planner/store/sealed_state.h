// A shared place whose owner cannot read what is kept there.
#pragma once

#include <memory>

#include "planner/store/key_ring.h"
#include "planner/store/shared_state.h"

namespace skep {

/// Everything written through it is sealed, everything read opened. "version", "serial", "lineage" and "tool" stay in
/// clear, because servers like GitLab count by them. Locks stay as they are.
/// Errors of read() and write(): those of KeyRing besides those of `place`.
std::unique_ptr<SharedState> make_sealed_state(std::unique_ptr<SharedState> place, KeyRing keys, Random& random);

}  // namespace skep
