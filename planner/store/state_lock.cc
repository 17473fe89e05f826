#include "planner/store/state_lock.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/base/text.h"
#include "planner/system/process_identity.h"

namespace skep {

namespace {

struct FoundRow {
  LockRow row;
  ProcessIdentity process;
};

Result<std::optional<FoundRow>> find_row(Database& database) {
  Statement row = TRY(database.prepare(
      "SELECT token, user, host, pid, operation, job_url, since, started, boot_id, pid_namespace, machine_id, host_name"
      " FROM lock"));
  if (!TRY(row.step())) return std::optional<FoundRow>();
  FoundRow found;
  found.row.token = row.text(0);
  found.row.holder = {.user = std::string(row.text(1)),
                      .host = std::string(row.text(2)),
                      .pid = static_cast<int>(row.integer(3)),
                      .operation = std::string(row.text(4)),
                      .job_url = std::string(row.text(5)),
                      .since = WallTime(std::chrono::seconds(row.integer(6)))};
  found.process = {.pid = found.row.holder.pid,
                   .started = row.integer(7),
                   .boot_id = std::string(row.text(8)),
                   .pid_namespace = std::string(row.text(9)),
                   .machine_id = std::string(row.text(10)),
                   .host_name = std::string(row.text(11))};
  return std::optional(found);
}

std::string who(const Holder& holder) {
  return fmt::format("{} on {} (pid {}), {}", holder.user, holder.host, holder.pid, holder.operation);
}

/// "42 s", "3 min", "2 h 5 min": whole minutes after the first.
std::string age(WallTime since, WallTime now) {
  auto seconds = std::max(now - since, std::chrono::seconds(0));
  if (seconds >= std::chrono::minutes(1)) seconds -= seconds % std::chrono::minutes(1);
  return human_duration(seconds);
}

Result<void> put_row(Database& database, const std::string& token, const Holder& holder) {
  const ProcessIdentity process = identify_process(holder.pid);
  Statement put = TRY(database.prepare(
      "INSERT OR REPLACE INTO lock (one, token, user, host, pid, operation, job_url, since, started, boot_id,"
      " pid_namespace, machine_id, host_name) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"));
  return put.bind(1, token)
      .bind(2, holder.user)
      .bind(3, holder.host)
      .bind(4, std::int64_t{holder.pid})
      .bind(5, holder.operation)
      .bind(6, holder.job_url)
      .bind(7, std::int64_t{holder.since.time_since_epoch().count()})
      .bind(8, process.started)
      .bind(9, process.boot_id)
      .bind(10, process.pid_namespace)
      .bind(11, process.machine_id)
      .bind(12, process.host_name)
      .run();
}

}  // namespace

Result<std::optional<LockRow>> read_lock(Database& database) {
  auto found = TRY(find_row(database));
  if (!found || is_surely_gone(found->process)) return std::optional<LockRow>();
  return std::optional(std::move(found->row));
}

Result<void> take_lock_row(Database& database, const std::string& token, const Holder& holder, WallTime now) {
  Transaction transaction = TRY(Transaction::begin(database, Transaction::Kind::write));
  if (const auto present = TRY(read_lock(database))) {
    std::string message = fmt::format("locked by {}, since {}", who(present->holder), age(present->holder.since, now));
    if (!present->holder.job_url.empty()) message += ", " + present->holder.job_url;
    return Error{ErrorCode::conflict, std::move(message)};
  }
  TRY(put_row(database, token, holder));
  return transaction.commit();
}

Result<void> free_lock_row(Database& database, const std::string& token) {
  Statement free = TRY(database.prepare("DELETE FROM lock WHERE token = ?1 OR ?1 = ''"));
  return free.bind(1, token).run();
}

Result<void> check_lock_row(Database& database, const std::string& token) {
  const auto found = TRY(find_row(database));
  if (found && found->row.token == token && !token.empty()) return {};
  Error error = {ErrorCode::conflict, database.path() + ": the lock is not held", "see who does: skep state history"};
  if (token.empty()) return error;
  error.message =
      found ? fmt::format("{}: the lock was taken away and is held by {}", database.path(), who(found->row.holder))
            : database.path() + ": the lock was taken away (skep state unlock)";
  return error;
}

}  // namespace skep
