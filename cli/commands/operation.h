// A command that changes the cluster without a plan of its own making: lock, history, and steps through the journal.
#pragma once

#include <memory>
#include <string>

#include "cli/commands/cluster.h"
#include "planner/engine/executor.h"
#include "planner/model/plan.h"
#include "planner/store/store.h"

namespace skep {

/// The cluster with its state locked: from open_operation() until it is destroyed.
struct Operation {
  std::string name;  // "failover"
  std::unique_ptr<Cluster> cluster;
  std::unique_ptr<Store> store;
  std::unique_ptr<Lock> lock;
  State stored;

  /// The beginning of a line in the history. Errors: those of the store.
  Result<HistoryEntry> begin_history(Outside& outside);
  /// Its end; `summary` and `outcome` are for people. Errors: those of the store.
  Result<void> end_history(HistoryEntry entry, const std::string& summary, const Result<void>& outcome,
                           const Outside& outside);
};

/// Opens the cluster, takes the lock and loads the state. The command has the option lock-timeout.
/// Errors: those of open_cluster(), take_lock() and the store; not_found (nothing has been made yet).
Result<Operation> open_operation(const std::string& name, const Invocation& invocation, Outside& outside);

/// A plan of steps, with all objects that they refer to.
Plan plan_of_steps(const Operation& operation, std::vector<Step> steps);

/// Carries a plan out as apply would: intents first. Errors: those of the journal and of the first step that failed.
Result<Summary> carry_out(const Operation& operation, const Plan& plan, Outside& outside);

}  // namespace skep
