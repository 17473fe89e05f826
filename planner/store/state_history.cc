#include "planner/store/state_history.h"

#include "planner/store/state_lock.h"

namespace skep {

namespace {

std::int64_t seconds_of(WallTime time) { return time.time_since_epoch().count(); }
WallTime time_of(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

}  // namespace

Result<std::int64_t> begin_history_row(Database& database, const HistoryEntry& entry, const std::string& token) {
  Statement add = TRY(database.prepare(
      "INSERT INTO history (token, started, ended, operation, user, host, commit_id, summary, outcome, serial_before,"
      " serial_after) SELECT ?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, '', serial, serial FROM meta RETURNING id"));
  add.bind(1, token)
      .bind(2, seconds_of(entry.started))
      .bind(3, entry.operation)
      .bind(4, entry.user)
      .bind(5, entry.host)
      .bind(6, entry.commit)
      .bind(7, entry.summary);
  if (!TRY(add.step())) return Error{ErrorCode::internal, database.path() + ": the history gave no number"};
  const std::int64_t id = add.integer(0);
  TRY(add.run());
  return id;
}

Result<void> end_history_row(Database& database, const HistoryEntry& entry) {
  Statement end =
      TRY(database.prepare("UPDATE history SET ended = ?2, commit_id = ?3, summary = ?4, outcome = ?5,"
                           " serial_after = (SELECT serial FROM meta) WHERE id = ?1"));
  TRY(end.bind(1, entry.id)
          .bind(2, seconds_of(entry.ended))
          .bind(3, entry.commit)
          .bind(4, entry.summary)
          .bind(5, entry.outcome)
          .run());
  if (database.changed() == 0) {
    return Error{ErrorCode::not_found, database.path() + ": the history has no entry " + std::to_string(entry.id)};
  }
  return {};
}

Result<std::vector<HistoryEntry>> read_history(Database& database) {
  const auto lock = TRY(read_lock(database));
  Statement row = TRY(
      database.prepare("SELECT id, started, ended, operation, user, host, commit_id, summary, outcome, serial_before,"
                       " serial_after, token FROM history ORDER BY id DESC"));
  std::int64_t serial_later = TRY(database.integer("SELECT serial FROM meta"));
  std::vector<HistoryEntry> entries;
  while (TRY(row.step())) {
    HistoryEntry entry = {.id = row.integer(0),
                          .started = time_of(row.integer(1)),
                          .ended = time_of(row.integer(2)),
                          .operation = std::string(row.text(3)),
                          .user = std::string(row.text(4)),
                          .host = std::string(row.text(5)),
                          .commit = std::string(row.text(6)),
                          .summary = std::string(row.text(7)),
                          .outcome = std::string(row.text(8)),
                          .serial_before = row.integer(9),
                          .serial_after = row.integer(10)};
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

Result<void> replace_history_rows(Database& database, std::span<const HistoryEntry> history) {
  TRY(TRY(database.prepare("DELETE FROM history")).run());
  for (const auto& entry : history) {
    Statement add = TRY(database.prepare(
        "INSERT INTO history (id, token, started, ended, operation, user, host, commit_id, summary, outcome,"
        " serial_before, serial_after) VALUES (?1, '', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"));
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
            .run());
  }
  return {};
}

}  // namespace skep
