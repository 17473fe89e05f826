// `skep init`: a starter spec, never over an existing one.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Errors: invalid_input (the file exists, a name that no cluster can have), those of Files::write().
Result<int> init_command(const Invocation& invocation, Outside& outside);

/// The starter spec itself.
std::string starter_spec(const std::string& provider, const std::string& name);

}  // namespace skep
