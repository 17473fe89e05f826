// Durable truth of one cluster: its state, its lock, its history.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "planner/store/journal.h"
#include "planner/system/context.h"

namespace skep {

/// Who holds or wants the lock.
struct Holder {
  std::string user;
  std::string host;
  int pid = 0;
  std::string operation;  // "apply", "destroy"
  std::string job_url = {};
  WallTime since = {};
};

/// Held while it lives.
class Lock {
 public:
  virtual ~Lock() = default;
};

/// One step of an apply, and what became of it.
struct HistoryStep {
  StepAction action = StepAction::create;
  std::string id;            // "server/worker-1"
  std::string outcome = {};  // "": not begun, "begun" (its end is not known), "done", "failed: ...", "not tried"
  Duration elapsed = {};
  bool operator==(const HistoryStep&) const = default;
};

/// One apply, for `skep state history`. No entry is ever taken away or changed after its end; of old ones a store may
/// keep everything but the steps.
struct HistoryEntry {
  std::int64_t id = 0;
  WallTime started = {};
  WallTime ended = {};    // epoch: it has not ended, or was killed
  std::string operation;  // "apply", "destroy"
  std::string user;
  std::string host;
  std::string commit = {};   // of the repository the spec is in; "+dirty" appended when the work tree differs
  std::string summary = {};  // "3 added, 0 changed, 1 destroyed"
  std::string outcome =
      {};  // "done", "failed: ...", "stopped", "killed" (no end was recorded and nobody holds the lock)
  std::int64_t serial_before = 0;
  std::int64_t serial_after = 0;
  std::string change = {};       // what was agreed on: "!12", "#7", a Change-Id, or what SKEP_CHANGE says
  std::string job_url = {};      // of the pipeline's job
  std::string plan_digest = {};  // SHA-256 of the plan as JSON; empty: not done by a plan
  std::int64_t step_count = 0;
  std::vector<HistoryStep> steps = {};  // in the plan's order; only from history_entry()
};

/// The operation of the entry by which a state says that it was moved to another place; its summary says which.
inline constexpr const char* moved_away = "moved away";

class Store : public Journal {
 public:
  /// Errors: invalid_input (no state file of ours, or one of a newer skep), denied, unavailable, refused (the state was
  /// moved to another place, which the message names).
  Result<State> load();
  /// The same of a state that was moved away, as it was then.
  virtual Result<State> load_even_if_moved() = 0;
  /// Where the state was moved to; empty: it is here.
  Result<std::string> moved_to();
  /// Under our lock: says so from now on. Until replace(), nobody goes on with what is here.
  Result<void> mark_moved(HistoryEntry entry, const std::string& to);

  /// Errors: conflict with message "locked by USER on HOST (pid N), OPERATION, since 3 min" when somebody else holds
  /// it. A holder on this host whose process is gone is no holder.
  virtual Result<std::unique_ptr<Lock>> lock(const Holder& holder) = 0;
  virtual Result<std::optional<Holder>> holder() = 0;
  virtual Result<void> break_lock() = 0;

  /// Returns its id. From here on record() notes in its steps what is begun and what is done, so that the entry of a
  /// run that was killed is whole as well.
  virtual Result<std::int64_t> begin_history(const HistoryEntry& entry) = 0;
  virtual Result<void> end_history(const HistoryEntry& entry) = 0;
  virtual Result<std::vector<HistoryEntry>> history() = 0;  // newest first, without steps
  /// With its steps; none when `step_count` is greater and they are no longer kept. Errors: not_found.
  virtual Result<HistoryEntry> history_entry(std::int64_t id) = 0;

  /// Under our lock: all that is here becomes this state, its serial and lineage too, with this history (newest first,
  /// with steps).
  /// Whatever was here is gone. Errors: as record().
  virtual Result<void> replace(const State& state, std::span<const HistoryEntry> history) = 0;
};

}  // namespace skep
