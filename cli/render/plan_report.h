// A plan for programs: the same verdict, rows and counts as the text, as one JSON record. Saved plans are another form.
#pragma once

#include "cli/render/plan_text.h"
#include "planner/base/json.h"

namespace skep {

/// {"format_version", "type": "plan", "cluster", "summary", "changes", "warnings", "quorum", "steps", ...}; "applyable"
/// says whether there is anything to do.
Json plan_report(const Plan& plan, const PlanHeader& header);

}  // namespace skep
