// One run of the executor over a plan: history around it, progress beside it, recap after it, and the exit code.
#pragma once

#include <string>

#include "cli/commands/ci_outputs.h"
#include "cli/commands/cluster.h"
#include "cli/commands/notifier.h"
#include "planner/engine/thread_runner.h"
#include "planner/model/plan.h"
#include "planner/store/store.h"

namespace skep {

struct RunParts {
  const Cluster& cluster;
  const Plan& plan;
  const PlanHeader& header;
  const State& stored;  // as it was loaded under the lock
  Store& store;         // locked
  CiOutputs& outputs;   // told of the end
  Notifier& notifier;   // of the beginning and the end
  std::string operation;
  std::size_t parallelism = usual_threads;
};

/// Returns the exit code: exit_done, exit_error (steps failed), exit_stopped. Errors: those of the journal.
Result<int> run_plan(const RunParts& parts, const Invocation& invocation, Outside& outside);

}  // namespace skep
