// The end of a run: what was done on each node, what failed, and the chain of steps that decided how long it took.
#pragma once

#include <set>
#include <string>

#include "cli/render/paint.h"
#include "planner/base/json.h"
#include "planner/engine/executor.h"
#include "planner/model/plan.h"

namespace skep {

/// One line a node (and one for what belongs to none), then the slowest path. Empty when nothing was to do.
std::string recap_text(const Plan& plan, const Summary& summary, const Style& style);

/// Every failure with its cause and its hint; empty when there is none.
std::string failures_text(const Plan& plan, const Summary& summary, const Style& style);

/// {"nodes": [...], "failures": [...], "skipped": [...], "slowest_path": [...], "elapsed_ms", "stopped"}.
Json recap_json(const Plan& plan, const Summary& summary);

/// What failed or was not tried.
std::set<ResourceId> not_done_of(const Summary& summary);

}  // namespace skep
