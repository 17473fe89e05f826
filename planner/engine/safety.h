// What a plan must not do: lose the swarm's quorum, or destroy what is protected. Pure.
#pragma once

#include "planner/engine/draft.h"

namespace skep {

/// Proves that every state the plan can reach keeps the quorum of the managers (`plan.quorum` then says how), that no
/// machine goes before its manager was demoted, and that nothing protected is destroyed. Adds warnings for data that is
/// lost and for managers out of service. Destroying the whole swarm is exempt from the arithmetic.
/// Errors: refused (all reasons, a line each).
Result<void> check_safety(Plan& plan, const Draft& draft, const State& state, const Schemas& schemas,
                          const PlanOptions& options);

}  // namespace skep
