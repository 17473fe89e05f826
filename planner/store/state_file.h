// The file behind a state: made with the right modes, recognised as ours, opened for writing or for looking only.
#pragma once

#include <functional>
#include <string>

#include "planner/base/result.h"
#include "planner/store/sqlite.h"
#include "planner/system/clock.h"
#include "planner/system/random.h"

namespace skep {

/// A connection for writing. Makes the folder (0700), the file (0600) and its tables where they are absent; modes that
/// let others in are narrowed. Errors: invalid_input (no file of ours, of a newer skep, a directory), denied,
/// exhausted, unavailable.
Result<Database> open_state_file(const std::string& path, Random& random, const Clock& clock);

/// Calls `look` with a connection that shows one moment of the file, and creates and writes nothing, whoever writes
/// meanwhile. `look` may be called again if the file was rewritten under it. Returns false, and does not call it, when
/// there is no state yet. Errors: as above, and those of `look`.
Result<bool> look_into_state_file(const std::string& path, const std::function<Result<void>(Database&)>& look);

}  // namespace skep
