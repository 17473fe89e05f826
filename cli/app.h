// The program behind main(): from words to an exit code. Tests call it with an outside of their own.
#pragma once

#include <string>
#include <vector>

#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Understands the words (argv without the program's name), runs the command, prints its error, and returns its exit
/// code. Blocks until the command has ended.
int run_app(const std::vector<std::string>& words, Outside& outside);

/// "error: ..." and "hint: ..." as every error looks; several lines of a message are indented.
std::string error_text(const Error& error, bool color);

}  // namespace skep
