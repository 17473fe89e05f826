// From a cluster and its state to a plan: preflight, look, compare. Shared by plan, apply, destroy, status and graph.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/cluster.h"
#include "cli/render/plan_text.h"
#include "cli/render/progress.h"
#include "planner/engine/make_plan.h"
#include "planner/engine/observe.h"
#include "planner/engine/thread_runner.h"
#include "planner/store/store.h"

namespace skep {

struct PlanRequest : PlanChoices {
  bool only_looks = false;  // nothing will be done
  std::size_t parallelism = usual_threads;
};

/// How many steps may run at once, as typed. Errors: invalid_input (no number from 1 to `most_threads`).
Result<std::size_t> parallelism_of(const Invocation& invocation);

/// The request as typed. Errors: invalid_input (flags that contradict one another, no number).
Result<PlanRequest> plan_request(const Invocation& invocation);

struct Observed {
  Expanded wanted;
  State state;
  std::vector<std::string> warnings = {};  // of the providers' preflight: what this computer or account lacks
};

/// Expands the spec, runs the providers' preflight and looks at the world; without request.refresh the state is taken
/// as it is. Writes nothing. Errors: those of preflight() and observe().
Result<Observed> observe_cluster(const Cluster& cluster, const PlanRequest& request, State stored,
                                 const Invocation& invocation, Outside& outside);

/// Pure. Errors: those of make_plan().
Result<Plan> plan_observed(const Cluster& cluster, const PlanRequest& request, const Observed& observed);

/// Both, one after the other. The warnings of preflight go to stderr when there is something to do.
Result<Plan> make_cluster_plan(const Cluster& cluster, const PlanRequest& request, State stored,
                               const Invocation& invocation, Outside& outside);

/// The header above a plan; `history` as the store gives it, newest first.
PlanHeader plan_header(const Cluster& cluster, const State& state, const std::vector<HistoryEntry>& history,
                       WallTime now);

/// "3 min ago" style: how long before `now`.
std::string age_text(WallTime then, WallTime now);

/// Where secrets of the spec come from: the environment, and files beside the spec.
SecretSource secret_source(const Cluster& cluster, const Outside& outside);

}  // namespace skep
