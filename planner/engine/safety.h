// What a plan must not do: lose the swarm's quorum, destroy what is protected, or try what cannot be. Pure.
#pragma once

#include "planner/engine/draft.h"

namespace skep {

/// Proves that every state the plan can reach keeps the quorum of the managers (`plan.quorum` then says how), that no
/// machine goes before its manager was demoted, that nothing protected is destroyed, and that nothing is to become what
/// it cannot. Adds warnings for data that is lost and for managers out of service. Destroying the whole swarm is exempt
/// from the arithmetic. Errors: refused (all reasons, a line each).
Result<void> check_safety(Plan& plan, const Draft& draft, const State& state, const Schemas& schemas,
                          const PlanOptions& options);

}  // namespace skep
