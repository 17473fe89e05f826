// What an errno of the operating system means to the caller: one table for files, processes and descriptors.
#pragma once

#include <string>
#include <string_view>

#include "planner/base/result.h"

namespace skep {

/// "WHAT: no space left on device", with the code that the number calls for: not_found (ENOENT, ENOTDIR), denied
/// (permissions, read-only), exhausted (disk full, quota; with a hint), invalid_input (a directory, a bad name),
/// conflict (exists, not empty), else unavailable.
Error os_error(int number, std::string_view what);

}  // namespace skep
