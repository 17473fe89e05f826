#include "planner/engine/adoption.h"

#include <set>

namespace skep {

Plan adoption_of(const Plan& plan) {
  Plan adoption = {.cluster = plan.cluster,
                   .spec_digest = plan.spec_digest,
                   .lineage = plan.lineage,
                   .state_serial = plan.state_serial,
                   .known = plan.known};
  std::vector<std::set<StepId>> before(plan.steps.size());  // of each old step: the new ones that it waits for
  for (const Step& step : plan.steps) {                     // each comes after those that it waits for
    std::set<StepId>& waits = before[step.id];
    for (const StepId earlier : step.after) waits.insert(before[earlier].begin(), before[earlier].end());
    if (step.action != StepAction::create) continue;
    Step look = step;
    look.id = static_cast<StepId>(adoption.steps.size());
    look.resource.pool.clear();
    look.after.assign(waits.begin(), waits.end());
    waits = {look.id};
    adoption.steps.push_back(std::move(look));
  }
  return adoption;
}

}  // namespace skep
