// The history of applies as rows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/store/journal.h"
#include "planner/store/sqlite.h"
#include "planner/store/store.h"

namespace skep {

/// Adds it under the lock's `token` and returns its id. Both calls take the serial from the state itself.
Result<std::int64_t> begin_history_row(Database& database, const HistoryEntry& entry, const std::string& token);

/// Errors: not_found (no such id).
Result<void> end_history_row(Database& database, const HistoryEntry& entry);

/// Notes in the steps of the run `entry` what these entries of the journal begin and end. Inside a transaction.
Result<void> note_history_steps(Database& database, std::int64_t entry, std::span<const Entry> entries);

/// Newest first, without steps. An entry without an end is "killed" unless the lock is still held under which it began.
Result<std::vector<HistoryEntry>> read_history(Database& database);

/// One of them with its steps. Errors: not_found.
Result<HistoryEntry> read_history_entry(Database& database, std::int64_t id);

/// The history becomes this one, given newest first, with steps. Inside a transaction.
Result<void> replace_history_rows(Database& database, std::span<const HistoryEntry> history);

}  // namespace skep
