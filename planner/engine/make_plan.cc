#include "planner/engine/make_plan.h"

#include <set>

#include "planner/engine/ahead.h"
#include "planner/engine/draft.h"
#include "planner/engine/known.h"
#include "planner/engine/lingering.h"
#include "planner/engine/make_way.h"
#include "planner/engine/order.h"
#include "planner/engine/rollout.h"
#include "planner/engine/safety.h"
#include "planner/engine/select.h"

namespace skep {

namespace {

Action action_of(const Item& item, const Step& step) {
  if (step.action == StepAction::forget) return Action::forget;
  if (item.action == Action::create && item.is_replacement) return Action::replace;
  return item.action;
}

// One change for people a resource; what an older generation loses is part of the replacement that it makes way for.
std::vector<Change> changes_of(Draft& draft, const Plan& plan) {
  std::set<ResourceId> replaced;
  for (const Item& item : draft.items) {
    if (item.action == Action::create && item.is_replacement)
      replaced.insert({.kind = item.id.kind, .name = item.id.name});
  }
  std::vector<Change> changes;
  for (Item& item : draft.items) {
    if (item.action == Action::none) continue;
    if (item.action == Action::destroy && replaced.contains({.kind = item.id.kind, .name = item.id.name})) continue;
    const Step& step = plan.steps[item.step];
    changes.push_back({.id = item.id,
                       .driver = step.resource.driver,
                       .node = item.node,
                       .action = action_of(item, step),
                       .fields = std::move(item.fields),
                       .why = std::move(item.why),
                       .disruptive = item.is_disruptive && item.action == Action::update});
  }
  return changes;
}

}  // namespace

Result<Plan> make_plan(std::span<const Resource> wanted, const State& state, const Schemas& schemas,
                       const PlanOptions& options) {
  Draft draft = TRY(make_draft(wanted, state, schemas, options));
  TRY(select(draft, wanted, options));
  mark_fenced(draft, state, schemas);
  Waves waves = rollout(draft, state, options);
  Plan plan = {.cluster = options.cluster,
               .spec_digest = options.spec_digest,
               .lineage = state.lineage,
               .state_serial = state.serial};
  plan.steps = TRY(order(draft, waves.edges));
  plan.pools = std::move(waves.pools);
  plan.warnings = std::move(draft.warnings);
  TRY(check_safety(plan, draft, state, schemas, options));
  plan.changes = changes_of(draft, plan);
  let_linger(plan, state, schemas);
  put_ahead(plan, draft, schemas);
  make_way(plan, draft, state, schemas, options.node_pools);
  plan.known = known_to(plan.steps, state, [](const ResourceId&) { return true; });
  return plan;
}

}  // namespace skep
