// Destroying a folder with all that is in it, and nothing that is only linked or mounted there.
#pragma once

#include <string>

#include "planner/base/result.h"

namespace skep {

/// Absent is success. Links are destroyed, never followed. A mount inside (bind mounts too), or `path` being one, stops
/// it there: what was before it is gone, what is in the mount is untouched. May be called again.
/// Errors: refused (a mount, named in the message), denied, unavailable.
Result<void> destroy_whole_tree(const std::string& path);

}  // namespace skep
