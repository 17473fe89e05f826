// Whether this computer can carry machines: privileges, programs, kernel. What is missing is said before a plan.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/model/spec.h"
#include "providers/local/tools.h"

namespace skep {

/// Warnings, one line each: what the kernel lacks and what follows. Errors: denied (no root, no capabilities),
/// invalid_input (programs or file systems are missing), each with what to do.
Result<std::vector<std::string>> preflight_local(const LocalTools& tools, const Spec& spec, const Context& context);

/// The pure parts of it.
std::vector<std::string> kernel_warnings(std::string_view probe_output);
/// Of the text of /proc/self/status: what a set of capabilities lacks; "" when nothing.
std::string missing_capabilities(std::string_view status);
bool lacks_resource_capability(std::string_view status);

}  // namespace skep
