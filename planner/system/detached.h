// Starting a process that outlives us and belongs to nobody.
#pragma once

#include <string>

#include "planner/base/result.h"
#include "planner/system/spawn.h"

namespace skep {

/// As Processes::start_detached(); `arguments` are those of `command`. Errors: not_found, denied, unavailable.
Result<int> start_detached_process(const Command& command, const ExecArguments& arguments, const std::string& log_path);

}  // namespace skep
