// How long a command may take: as it was told, or as long as the CI job that it runs in.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// --deadline; else what is left of a GitLab job's time by CI_JOB_STARTED_AT and CI_JOB_TIMEOUT (seconds), so that the
/// runner never kills what could have stopped by itself (GitLab's list of predefined CI/CD variables); else 0: none.
/// Errors: invalid_input (--deadline is no duration).
Result<Duration> deadline_of(const Invocation& invocation, const Outside& outside);

}  // namespace skep
