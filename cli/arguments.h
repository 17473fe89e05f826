// From argv to an Invocation: Terraform's one-dash flags, then CLI11 over the command tree. The only user of CLI11.
#pragma once

#include <string>
#include <vector>

#include "cli/invocation.h"
#include "planner/base/result.h"

namespace skep {

/// `-auto-approve`, `-refresh=false` and the like with a second dash; words behind a lone -- are left alone. Only names
/// of the command tree's long options are rewritten.
std::vector<std::string> with_two_dashes(std::vector<std::string> words);

/// `words`: argv without the program's name. A request for help wins over what else may be wrong.
/// Errors: invalid_input (unknown command or option, missing or surplus argument, a value that is none of the choices),
/// with a suggestion in the hint. The caller exits with exit_usage.
Result<Invocation> parse_arguments(const std::vector<std::string>& words);

}  // namespace skep
