// The Store of a team: the whole document in memory, written to a shared place before anything is created.
#pragma once

#include <memory>
#include <string>

#include "planner/store/shared_state.h"
#include "planner/store/store.h"
#include "planner/system/clock.h"
#include "planner/system/random.h"

namespace skep {

struct SharedStoreOptions {
  std::string cluster;           // for the lock's Path
  std::string version;           // of skep, for the lock's Version
  std::string commit;            // for the lock's Info; may be empty
  std::string seen_beside = {};  // the path beside which the last serial seen is noted; empty: nowhere
};

/// Every record() is one write of the whole state; what comes while a write is under way, and for as long again, is
/// worth gathering for the next one. load() reads the place anew. Each call blocks for at most 90 seconds. Not for
/// several threads at once.
std::unique_ptr<Store> make_shared_store(std::unique_ptr<SharedState> place, Random& random, const Clock& clock,
                                         SharedStoreOptions options);

}  // namespace skep
