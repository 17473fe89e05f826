#include "planner/store/postgres_state.h"

#include "planner/store/postgres_link.h"

namespace skep {

namespace {

constexpr const char* no_such_table = "42P01";
constexpr const char* not_allowed = "42501";
constexpr const char* already_there = "23505";
constexpr int tries_most = 3;
constexpr Duration postgres_pause = std::chrono::seconds(1);  // after the first; one more after each further one

// In one request each, so that what a lost answer leaves behind is either all of it or nothing.
constexpr const char* make_tables = R"(
do $$ begin
  perform pg_advisory_xact_lock(hashtext('skep tables'));
  create table if not exists skep_states (name text, serial bigint, document text not null,
    written timestamptz not null default now(), primary key (name, serial));
  create table if not exists skep_locks (name text primary key, id text not null, info text not null,
    pid int not null);
end $$)";
constexpr const char* has_tables =
    "select to_regclass('skep_states') is not null and to_regclass('skep_locks') is not null";
constexpr const char* read_newest = "select document from skep_states where name = $1 order by serial desc limit 1";
constexpr const char* take_lock = R"(
with taken as materialized (select pg_try_advisory_lock(hashtext('skep state'), hashtext($1)) as ours)
insert into skep_locks select $1, $2, $3, pg_backend_pid() from taken where ours
  on conflict (name) do update set id = excluded.id, info = excluded.info, pid = excluded.pid
  returning 1)";
// The row of a holder whose connection is gone means nothing: only who has the advisory lock counts.
constexpr const char* read_holder = R"(
select id, info from skep_locks where name = $1 and pid in (select pid from pg_locks
  where locktype = 'advisory' and granted and classid::bigint = (hashtext('skep state')::bigint & 4294967295)
    and objid::bigint = (hashtext($1)::bigint & 4294967295)
    and database = (select oid from pg_database where datname = current_database())))";
constexpr const char* release_lock = R"(
with gone as (delete from skep_locks where name = $1 and id = $2 and pid = pg_backend_pid())
select pg_advisory_unlock(hashtext('skep state'), hashtext($1)))";
constexpr const char* end_holder =
    "select pg_terminate_backend(pid, 5000) from skep_locks where name = $1 and id = $2 and pid <> pg_backend_pid()";
constexpr const char* write_version = R"(
with old as (delete from skep_states where name = $1 and serial <= ($2::json ->> 'serial')::bigint - 100)
insert into skep_states (name, serial, document) select $1, ($2::json ->> 'serial')::bigint, $2
  where ($2::json ->> 'serial')::bigint > coalesce((select max(serial) from skep_states where name = $1), 0)
  returning 1)";

bool has_broken(const Result<PostgresAnswer>& answer) {
  if (answer.ok()) return false;
  return answer.error().code == ErrorCode::unknown_outcome || answer.error().code == ErrorCode::unavailable;
}

class PostgresState final : public SharedState {
 public:
  PostgresState(PostgresOptions options, const Clock& clock)
      : clock_(clock), link_(options.connection), name_(std::move(options.name)) {}

  std::string what() const override { return "the state of " + name_ + " in PostgreSQL"; }
  Result<std::optional<std::string>> read(const Context& context) override;
  Result<void> write(const std::string& text, const std::string& lock_id, const Context& context) override;
  Result<std::optional<LockInfo>> lock(const LockInfo& ours, const Context& context) override;
  Result<void> unlock(const LockInfo& info, const Context& context) override;

 private:
  /// Asks again, over a new connection, when the old one broke. Only for what may be asked twice.
  Result<PostgresAnswer> insist(const char* sql, const std::vector<std::string>& parameters, const Context& context);
  Result<PostgresAnswer> ask(const char* sql, const std::vector<std::string>& parameters, const Context& context);
  /// Our lock is held on the present connection, again if need be. Errors: conflict.
  Result<void> ensure_locked(const Context& context);
  Error refusal(const PostgresAnswer& answer, const std::string& deed) const;

  const Clock& clock_;
  PostgresLink link_;
  const std::string name_;
  std::optional<LockInfo> held_ = {};  // while it is ours
  bool is_held_here_ = false;          // by this very connection
};

Error PostgresState::refusal(const PostgresAnswer& answer, const std::string& deed) const {
  const std::string message = deed + " " + what() + ": " + answer.message;
  if (answer.sqlstate == not_allowed)
    return {ErrorCode::denied, message, "locking and writing need all rights on skep_states and skep_locks"};
  const bool is_full = answer.sqlstate.starts_with("53");
  return {is_full ? ErrorCode::exhausted : ErrorCode::unavailable, message};
}

Result<PostgresAnswer> PostgresState::ask(const char* sql, const std::vector<std::string>& parameters,
                                          const Context& context) {
  if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped on request"};
  if (!link_.is_open()) {
    is_held_here_ = false;
    TRY(link_.open());
  }
  return link_.ask(sql, parameters);
}

Result<PostgresAnswer> PostgresState::insist(const char* sql, const std::vector<std::string>& parameters,
                                             const Context& context) {
  for (int attempt = 1;; ++attempt) {
    auto answer = ask(sql, parameters, context);
    if (!has_broken(answer) || attempt == tries_most) return answer;
    if (!clock_.sleep(attempt * postgres_pause, context).ok()) return answer;
  }
}

Result<std::optional<std::string>> PostgresState::read(const Context& context) {
  auto answer = TRY(insist(read_newest, {name_}, context).doing("read " + what()));
  if (answer.sqlstate == no_such_table) return std::optional<std::string>();
  if (!answer.sqlstate.empty()) return refusal(answer, "read");
  if (answer.rows.empty()) return std::optional<std::string>();
  return std::optional(std::move(answer.rows.front().front()));
}

Result<std::optional<LockInfo>> PostgresState::lock(const LockInfo& ours, const Context& context) {
  // Only who finds no tables needs the right to make them.
  const auto tables = TRY(insist(has_tables, {}, context).doing("lock " + what()));
  if (!tables.sqlstate.empty()) return refusal(tables, "lock");
  if (tables.rows.front().front() != "t") {
    const auto made = TRY(insist(make_tables, {}, context).doing("lock " + what()));
    if (!made.sqlstate.empty()) return refusal(made, "make the tables of");
  }
  const std::string info = dump_json(lock_info_json(ours));
  for (int attempt = 1; attempt <= tries_most; ++attempt) {
    const auto taken = TRY(insist(take_lock, {name_, ours.id, info}, context).doing("lock " + what()));
    if (!taken.sqlstate.empty()) return refusal(taken, "lock");
    if (!taken.rows.empty()) {
      held_ = ours;
      is_held_here_ = true;
      return std::optional<LockInfo>();
    }
    const auto holder = TRY(insist(read_holder, {name_}, context).doing("lock " + what()));
    if (!holder.sqlstate.empty()) return refusal(holder, "lock");
    if (holder.rows.empty()) continue;  // it went away meanwhile
    if (holder.rows.front()[0] != ours.id)
      return std::optional(lock_info_of(TRY(parse_json(holder.rows.front()[1], "the holder of the lock"))));
    // Ours, on a connection that broke and that the server has not missed yet.
    static_cast<void>(TRY(insist(end_holder, {name_, ours.id}, context).doing("lock " + what())));
  }
  return std::optional(LockInfo{.who = "somebody who comes and goes"});
}

Result<void> PostgresState::ensure_locked(const Context& context) {
  if (is_held_here_ && link_.is_open()) return {};
  if (const auto theirs = TRY(lock(LockInfo(*held_), context))) {
    return Error{ErrorCode::conflict,
                 "write " + what() + ": our lock went with the connection, and " + theirs->who + " has taken it",
                 "see: skep state history"};
  }
  return {};
}

Result<void> PostgresState::write(const std::string& text, const std::string& lock_id, const Context& context) {
  if (!held_ || held_->id != lock_id) return Error{ErrorCode::internal, what() + " is written only under its lock"};
  for (int attempt = 1;; ++attempt) {
    TRY(ensure_locked(context));
    const auto answer = ask(write_version, {name_, text}, context);
    const bool is_broken = has_broken(answer);
    if (!answer.ok() && !is_broken) return Error(answer.error()).doing("write " + what());
    if (answer.ok() && !answer.value().sqlstate.empty() && answer.value().sqlstate != already_there)
      return refusal(answer.value(), "write");
    if (answer.ok() && !answer.value().rows.empty()) return {};
    // It may have been stored by the try whose answer was lost.
    const auto stored = TRY(read(context));
    if (stored == text) return {};
    if (!is_broken) {
      return Error{ErrorCode::conflict, "write " + what() + ": there is a version of this serial, or a later one",
                   "somebody else has written it; see: skep state history"};
    }
    if (attempt == tries_most || !clock_.sleep(attempt * postgres_pause, context).ok())
      return Error(answer.error()).doing("write " + what());
  }
}

Result<void> PostgresState::unlock(const LockInfo& info, const Context& context) {
  const bool is_ours = held_ && held_->id == info.id;
  if (is_ours) held_.reset();
  const auto answer = is_ours && is_held_here_ && link_.is_open() ? ask(release_lock, {name_, info.id}, context)
                                                                  : insist(end_holder, {name_, info.id}, context);
  is_held_here_ = false;
  if (is_ours) link_.close();  // with it goes the lock, whatever became of the answer
  if (is_ours && !answer.ok()) return {};
  if (!answer.ok()) return Error(answer.error()).doing("unlock " + what());
  if (!answer.value().sqlstate.empty()) return refusal(answer.value(), "unlock");
  return {};
}

}  // namespace

std::unique_ptr<SharedState> make_postgres_state(PostgresOptions options, const Clock& clock) {
  return std::make_unique<PostgresState>(std::move(options), clock);
}

Result<bool> names_password(const std::string& connection) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(connection.c_str(), &message), PQconninfoFree);
  PQfreemem(message);  // it may repeat a password
  if (!options) {
    return Error{ErrorCode::invalid_input, "the address of the state is no connection string of PostgreSQL",
                 "as in postgresql://HOST/DATABASE, or host=HOST dbname=DATABASE"};
  }
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const bool is_password = std::string(option->keyword) == "password";
    if (is_password && option->val != nullptr && *option->val != '\0') return true;
  }
  return false;
}

}  // namespace skep
