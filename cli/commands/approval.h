// The question before anything is touched, and the refusal where nobody can answer it.
#pragma once

#include <optional>
#include <string>

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// The whole message when approval is needed and cannot be given here (no terminal, --input=false, --json), else
/// nothing. Asked first of all, so that a pipeline learns it at once.
std::optional<std::string> approval_missing(const std::string& operation, bool is_approved,
                                            const Invocation& invocation, const Outside& outside);

/// Asks at the terminal; true only for "yes". Errors: cancelled (Ctrl-C).
Result<bool> ask_for_approval(const std::string& operation, const std::string& cluster, Outside& outside);

/// Asks any question that only "yes" agrees to.
Result<bool> ask_for_yes(const std::string& question, Outside& outside);

}  // namespace skep
