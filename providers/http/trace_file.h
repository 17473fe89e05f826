// The file that --trace names: lines are appended as they come, and nobody but its owner may read it.
#pragma once

#include <memory>
#include <string>

#include "planner/base/result.h"
#include "planner/system/descriptor.h"
#include "providers/http/traced_http.h"

namespace skep {

/// Opens or makes the file (mode 0600, whatever it was before) and returns a sink that appends to it. A line that
/// cannot be written is lost in silence: a full disk must not stop an apply.
/// Errors: denied, not_found (no such folder), exhausted, unavailable; invalid_input (a directory).
Result<TraceSink> trace_to_file(const std::string& path);

}  // namespace skep
