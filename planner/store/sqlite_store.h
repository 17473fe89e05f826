// The state of one cluster in one SQLite file: records and open intents as rows, the lock, the history.
#pragma once

#include <memory>
#include <string>

#include "planner/base/result.h"
#include "planner/store/store.h"
#include "planner/system/clock.h"
#include "planner/system/random.h"

namespace skep {

enum class OpenMode {
  read,   // creates and writes nothing, also where the disk is read-only; an absent file is an empty state
  write,  // creates the file (0600) and its folder (0700) when they are absent
};

/// Opens `path`, usually ".skep/NAME/state.db" beside the spec. The store belongs to one thread at a time; several
/// processes may have the file open, and the lock keeps all but one from writing. In read mode, what writes is refused.
/// Errors: invalid_input (no state file of ours, or one of a newer skep), denied, exhausted (disk full), unavailable.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, OpenMode mode, Random& random,
                                                 const Clock& clock);

}  // namespace skep
