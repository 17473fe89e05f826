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

/// One apply, for `skep state history`.
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

  virtual Result<std::int64_t> begin_history(const HistoryEntry& entry) = 0;  // returns its id
  virtual Result<void> end_history(const HistoryEntry& entry) = 0;
  virtual Result<std::vector<HistoryEntry>> history() = 0;  // newest first

  /// Under our lock: all that is here becomes this state, its serial and lineage too, with this history (newest first).
  /// Whatever was here is gone. Errors: as record().
  virtual Result<void> replace(const State& state, std::span<const HistoryEntry> history) = 0;
};

}  // namespace skep
