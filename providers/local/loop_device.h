// Files as block devices.
#pragma once

#include <string>

#include "planner/base/result.h"
#include "planner/system/processes.h"

namespace skep {

/// The loop device of a file: the present one, or a new one. Returns "/dev/loopN".
/// Errors: exhausted (no loop device is to be had), unavailable.
Result<std::string> ensure_loop_device(Processes& processes, const std::string& file, const Context& context);
/// "/dev/loopN", or "" when the file has none.
Result<std::string> find_loop_device(Processes& processes, const std::string& file, const Context& context);
/// Tells the device that its file has grown.
Result<void> refresh_loop_device(Processes& processes, const std::string& device, const Context& context);
/// The file may have none.
Result<void> detach_loop_device(Processes& processes, const std::string& file, const Context& context);

}  // namespace skep
