#include "planner/store/state_history.h"

#include <algorithm>

#include "planner/model/plan_json.h"
#include "planner/store/history_steps.h"
#include "planner/store/schema.h"
#include "planner/store/state_lock.h"

namespace skep {

namespace {

// A file of format 1 is read as it is.
constexpr const char* select_history =
    "SELECT id, started, ended, operation, user, host, commit_id, summary, outcome, serial_before, serial_after, token,"
    " change_id, job_url, plan_digest, step_count FROM history ORDER BY id DESC";
constexpr const char* select_history_of_1 =
    "SELECT id, started, ended, operation, user, host, commit_id, summary, outcome, serial_before, serial_after, token,"
    " '', '', '', 0 FROM history ORDER BY id DESC";

std::int64_t seconds_of(WallTime time) { return time.time_since_epoch().count(); }
WallTime time_of(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

Result<bool> has_steps(Database& database) { return TRY(database.integer("PRAGMA user_version")) == state_format; }

Error no_entry(const Database& database, std::int64_t id) {
  return {ErrorCode::not_found, database.path() + ": the history has no entry " + std::to_string(id)};
}

Result<void> replace_steps(Database& database, const HistoryEntry& entry) {
  Statement destroy = TRY(database.prepare("DELETE FROM history_steps WHERE entry = ?1"));
  TRY(destroy.bind(1, entry.id).run());
  Statement add = TRY(database.prepare("INSERT INTO history_steps VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  for (std::size_t i = 0; i < entry.steps.size(); ++i) {
    const HistoryStep& step = entry.steps[i];
    TRY(add.bind(1, entry.id)
            .bind(2, step.id)
            .bind(3, static_cast<std::int64_t>(i))
            .bind(4, step_action_name(step.action))
            .bind(5, step.outcome)
            .bind(6, std::int64_t{step.elapsed.count()})
            .run());
  }
  return {};
}

HistoryEntry entry_of_row(const Statement& row) {
  return {.id = row.integer(0),
          .started = time_of(row.integer(1)),
          .ended = time_of(row.integer(2)),
          .operation = std::string(row.text(3)),
          .user = std::string(row.text(4)),
          .host = std::string(row.text(5)),
          .commit = std::string(row.text(6)),
          .summary = std::string(row.text(7)),
          .outcome = std::string(row.text(8)),
          .serial_before = row.integer(9),
          .serial_after = row.integer(10),
          .change = std::string(row.text(12)),
          .job_url = std::string(row.text(13)),
          .plan_digest = std::string(row.text(14)),
          .step_count = row.integer(15)};
}

}  // namespace

Result<std::int64_t> begin_history_row(Database& database, const HistoryEntry& entry, const std::string& token) {
  Transaction transaction = TRY(Transaction::begin(database, Transaction::Kind::write));
  HistoryEntry begun = entry;
  {
    Statement add = TRY(database.prepare(
        "INSERT INTO history (token, started, ended, operation, user, host, commit_id, summary, outcome, serial_before,"
        " serial_after, change_id, job_url, plan_digest, step_count)"
        " SELECT ?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, '', serial, serial, ?8, ?9, ?10, ?11 FROM meta RETURNING id"));
    add.bind(1, token)
        .bind(2, seconds_of(entry.started))
        .bind(3, entry.operation)
        .bind(4, entry.user)
        .bind(5, entry.host)
        .bind(6, entry.commit)
        .bind(7, entry.summary)
        .bind(8, entry.change)
        .bind(9, entry.job_url)
        .bind(10, entry.plan_digest)
        .bind(11, static_cast<std::int64_t>(entry.steps.size()));
    if (!TRY(add.step())) return Error{ErrorCode::internal, database.path() + ": the history gave no number"};
    begun.id = add.integer(0);
    TRY(add.run());
  }
  TRY(replace_steps(database, begun));
  TRY(transaction.commit());
  return begun.id;
}

Result<void> end_history_row(Database& database, const HistoryEntry& entry) {
  Transaction transaction = TRY(Transaction::begin(database, Transaction::Kind::write));
  {
    Statement end =
        TRY(database.prepare("UPDATE history SET ended = ?2, commit_id = ?3, summary = ?4, outcome = ?5,"
                             " serial_after = (SELECT serial FROM meta) WHERE id = ?1"));
    TRY(end.bind(1, entry.id)
            .bind(2, seconds_of(entry.ended))
            .bind(3, entry.commit)
            .bind(4, entry.summary)
            .bind(5, entry.outcome)
            .run());
  }
  if (database.changed() == 0) return no_entry(database, entry.id);
  TRY(replace_steps(database, entry));
  return transaction.commit();
}

Result<void> note_history_steps(Database& database, std::int64_t entry, std::span<const Entry> entries) {
  Statement note = TRY(database.prepare("UPDATE history_steps SET outcome = ?3 WHERE entry = ?1 AND resource = ?2"));
  for (const auto& one : entries) {
    const auto [id, outcome] = note_of(one);
    TRY(note.bind(1, entry).bind(2, id).bind(3, outcome).run());
  }
  return {};
}

Result<std::vector<HistoryEntry>> read_history(Database& database) {
  const auto lock = TRY(read_lock(database));
  Statement row = TRY(database.prepare(TRY(has_steps(database)) ? select_history : select_history_of_1));
  std::int64_t serial_later = TRY(database.integer("SELECT serial FROM meta"));
  std::vector<HistoryEntry> entries;
  while (TRY(row.step())) {
    HistoryEntry entry = entry_of_row(row);
    const bool is_running = lock && lock->token == row.text(11);
    if (entry.ended == WallTime{}) {
      entry.outcome = is_running ? "" : "killed";
      entry.serial_after = serial_later;  // it could not note it: where the next one began
    }
    serial_later = entry.serial_before;
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<HistoryEntry> read_history_entry(Database& database, std::int64_t id) {
  const auto entries = TRY(read_history(database));
  const auto found = std::ranges::find(entries, id, &HistoryEntry::id);
  if (found == entries.end()) return no_entry(database, id);
  HistoryEntry entry = *found;
  if (!TRY(has_steps(database))) return entry;
  Statement row = TRY(database.prepare(
      "SELECT resource, action, outcome, elapsed_ms FROM history_steps WHERE entry = ?1 ORDER BY step"));
  row.bind(1, id);
  while (TRY(row.step())) {
    entry.steps.push_back({.action = step_action_of(row.text(1)).value_or(StepAction::read),
                           .id = std::string(row.text(0)),
                           .outcome = std::string(row.text(2)),
                           .elapsed = Duration(row.integer(3))});
  }
  return entry;
}

Result<void> replace_history_rows(Database& database, std::span<const HistoryEntry> history) {
  TRY(TRY(database.prepare("DELETE FROM history")).run());
  TRY(TRY(database.prepare("DELETE FROM history_steps")).run());
  for (const auto& entry : history) {
    Statement add = TRY(database.prepare(
        "INSERT INTO history (id, token, started, ended, operation, user, host, commit_id, summary, outcome,"
        " serial_before, serial_after, change_id, job_url, plan_digest, step_count)"
        " VALUES (?1, '', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"));
    TRY(add.bind(1, entry.id)
            .bind(2, seconds_of(entry.started))
            .bind(3, seconds_of(entry.ended))
            .bind(4, entry.operation)
            .bind(5, entry.user)
            .bind(6, entry.host)
            .bind(7, entry.commit)
            .bind(8, entry.summary)
            .bind(9, entry.outcome)
            .bind(10, entry.serial_before)
            .bind(11, entry.serial_after)
            .bind(12, entry.change)
            .bind(13, entry.job_url)
            .bind(14, entry.plan_digest)
            .bind(15, entry.step_count)
            .run());
    TRY(replace_steps(database, entry));
  }
  return {};
}

}  // namespace skep
