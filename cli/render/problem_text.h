// What is wrong with a spec, as people read it: place, message, the line itself, what to do.
#pragma once

#include <span>
#include <string>

#include "cli/render/paint.h"
#include "planner/model/problem.h"

namespace skep {

/// One problem, lines with ends:
///
///   cluster.yaml:31:5: error: pools.worker: unknown key 'typ', did you mean 'type'?
///      31 |     typ: s-4vcpu-8gb
///         |     ^~~
///       hint: ...
///
/// Control characters, which a file may hold to fool a terminal, are shown as "?".
std::string problem_text(const Problem& problem, const Style& style = {});

/// All of them, one after the other.
std::string problems_text(std::span<const Problem> problems, const Style& style = {});

}  // namespace skep
