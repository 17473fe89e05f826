// Folders that are being destroyed: moved away first, so that their names are free and nobody sees half of one.
#pragma once

#include <string>

#include "planner/base/result.h"
#include "providers/local/tools.h"

namespace skep {

/// Moves a folder away and destroys it. Absent is success.
Result<void> throw_away(const LocalTools& tools, const std::string& cluster, const std::string& folder);
/// Destroys what processes that are gone left half destroyed.
Result<void> sweep_trash(const LocalTools& tools, const std::string& cluster);

}  // namespace skep
