#include "cli/commands/operation.h"

#include "cli/commands/loaded_state.h"
#include "cli/commands/locking.h"
#include "cli/commands/origin.h"
#include "cli/commands/planning.h"
#include "cli/commands/redaction.h"
#include "planner/engine/known.h"
#include "planner/engine/thread_runner.h"

namespace skep {

Result<HistoryEntry> Operation::begin_history(Outside& outside) {
  HistoryEntry entry = entry_begun(name, cluster->paths.spec_folder, stored.serial, outside);
  entry.id = TRY(store->begin_history(entry));
  return entry;
}

Result<void> Operation::end_history(HistoryEntry entry, const std::string& summary, const Result<void>& outcome,
                                    const Outside& outside) {
  entry.ended = outside.clock.wall();
  entry.serial_after = TRY(store->load()).serial;
  entry.summary = summary;
  entry.outcome = outcome.ok() ? "done" : "failed: " + without_secrets(outcome.error().message, outside);
  return store->end_history(entry);
}

Result<Operation> open_operation(const std::string& name, const Invocation& invocation, Outside& outside) {
  Operation operation = {.name = name};
  operation.cluster = TRY(open_cluster(invocation, LoginUse::look, outside));
  TRY(make_state_folder(operation.cluster->paths, outside));
  operation.store = TRY(outside.open_store(operation.cluster->paths.state, StateUse::write));
  operation.lock = TRY(take_lock(*operation.store, name, invocation, outside));
  operation.stored = TRY(load_state(*operation.store, operation.cluster->paths.state));
  if (operation.stored.records.empty()) {
    return Error{ErrorCode::not_found, operation.cluster->spec.name + " has not been made yet",
                 "make it with: skep apply; if only its state is lost: skep state rebuild"};
  }
  return operation;
}

Plan plan_of_steps(const Operation& operation, std::vector<Step> steps) {
  Plan plan = {.cluster = operation.cluster->spec.name,
               .spec_digest = operation.cluster->spec.digest,
               .lineage = operation.stored.lineage,
               .state_serial = operation.stored.serial,
               .steps = std::move(steps)};
  for (std::size_t i = 0; i < plan.steps.size(); ++i) plan.steps[i].id = static_cast<StepId>(i);
  plan.known = known_to(plan.steps, operation.stored, [](const ResourceId&) { return true; });
  return plan;
}

Result<Summary> carry_out(const Operation& operation, const Plan& plan, Outside& outside) {
  ThreadRunner runner(16);
  Executor executor({.runner = runner,
                     .catalog = *operation.cluster->catalog,
                     .clock = outside.clock,
                     .secrets = secret_source(*operation.cluster, outside),
                     .digest_key = operation.stored.digest_key});
  Summary summary = TRY(executor.run(plan, *operation.store, outside.stop));
  if (!summary.failures.empty()) return summary.failures.front().error;
  if (summary.stopped) return Error{ErrorCode::cancelled, "stopped"};
  return summary;
}

}  // namespace skep
