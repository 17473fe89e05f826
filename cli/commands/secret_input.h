// Secrets that a command needs itself: from a variable, a file, or a program that prints them. Never from a flag.
#pragma once

#include <string>

#include "cli/commands/cluster.h"
#include "cli/outside.h"
#include "planner/base/secret.h"
#include "planner/model/spec.h"

namespace skep {

/// "env:NAME" or "file:PATH", as --key has it. Errors: invalid_input (`option` says which).
Result<SecretPlace> secret_place_of(const std::string& option, const std::string& text);

/// The secret without the blanks and line ends around it; `what` names it in errors. A relative path counts from
/// `folder`, in which the program runs as well, for as long as it takes: it may ask somebody.
/// Errors: invalid_input (not set, unreadable, empty), those of the program.
Result<Secret> read_secret(const SecretPlace& place, const std::string& what, const std::string& folder,
                           Outside& outside);

}  // namespace skep
