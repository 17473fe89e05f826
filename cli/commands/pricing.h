// What a plan costs: asked of the providers, shown with the plan, and held against --max-monthly.
#pragma once

#include "cli/commands/cluster.h"
#include "cli/invocation.h"
#include "cli/render/bill.h"
#include "planner/model/plan.h"
#include "planner/model/state.h"

namespace skep {

/// The bill before and after the plan. A price list that cannot be had is no error: `problem` says why.
Bill bill_of(const Cluster& cluster, const Plan& plan, const State& stored, Outside& outside);

/// Whether --max-monthly was given: then the bill is asked for even when there is nothing to do.
bool has_spending_limit(const Invocation& invocation);

/// --max-monthly against what the cluster costs after the plan. Errors: refused (it costs more, or that cannot be
/// told), invalid_input (no amount, another currency than the providers').
Result<void> check_spending(const Bill& bill, const Invocation& invocation);

}  // namespace skep
