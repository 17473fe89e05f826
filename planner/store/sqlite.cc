#include "planner/store/sqlite.h"

#include <sqlite3.h>
#include <sys/statvfs.h>

#include <cassert>
#include <cerrno>

#include "planner/system/os_error.h"

namespace skep {

namespace {

constexpr int busy_timeout_ms = 10'000;
constexpr const char* hint_denied = "check the owner and mode of the file and its folder";
constexpr const char* hint_broken =
    "the disk fails: see its messages (dmesg), then run the command again; what was recorded before is kept";

/// Whether a write there would fail for want of room: SQLite reports some such failures as plain I/O errors.
bool is_disk_full(const std::string& path) {
  struct statvfs status = {};
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  return statvfs(folder.c_str(), &status) == 0 && status.f_bavail == 0;
}

Error failure(sqlite3* connection, int code, const std::string& path) {
  const int primary = code & 0xFF;
  const int number = connection == nullptr ? 0 : sqlite3_system_errno(connection);
  const bool is_io = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  if (primary == SQLITE_FULL || (is_io && (number == ENOSPC || is_disk_full(path)))) return file_error(ENOSPC, path);
  if (is_io && number != 0) return file_error(number, path);
  const char* text = connection == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(connection);
  Error error = {ErrorCode::unavailable, path + ": " + text, hint_broken};
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      error.message = path + ": another process has kept it locked for ten seconds";
      error.hint = "see who holds the lock: skep status; then try again";
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      error.code = ErrorCode::denied;
      error.hint = hint_denied;
      if (code == SQLITE_READONLY_ROLLBACK) error.hint = "a killed run left a write unfinished: run skep apply";
      break;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      error.code = ErrorCode::invalid_input;
      error.message = path + ": no state file of skep, or a damaged one (" + text + ")";
      error.hint = "restore it from a backup, or move it away: what exists is then found by its labels";
      break;
    case SQLITE_MISUSE:
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_CONSTRAINT:
      error.code = ErrorCode::internal;
      error.hint = "this is a bug in skep: please report it with this message";
      break;
    default:
      break;
  }
  return error;
}

}  // namespace

Error file_error(int number, std::string_view what) {
  Error error = os_error(number, what);
  if (!error.hint.empty()) return error;
  if (number == EROFS)
    error.hint = "mount it for writing; skep plan and skep status work as it is";
  else
    error.hint = error.code == ErrorCode::denied ? hint_denied : hint_broken;
  return error;
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::Statement(sqlite3_stmt* statement, std::string path) : statement_(statement), path_(std::move(path)) {}

void Statement::note(int code) {
  if (code != SQLITE_OK) bind_failure_ = code;
}

Statement& Statement::bind(int index, std::int64_t number) {
  note(sqlite3_bind_int64(statement_.get(), index, number));
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  const char* bytes = text.data() == nullptr ? "" : text.data();  // a null pointer would bind NULL
  note(sqlite3_bind_text64(statement_.get(), index, bytes, text.size(), nullptr, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_null(int index) {
  note(sqlite3_bind_null(statement_.get(), index));
  return *this;
}

Result<bool> Statement::step() {
  sqlite3* connection = sqlite3_db_handle(statement_.get());
  if (bind_failure_ != 0) return failure(connection, bind_failure_, path_);
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(connection, sqlite3_extended_errcode(connection), path_);
}

Result<void> Statement::run() {
  Result<bool> more = true;
  while (more.ok() && more.value()) more = step();
  sqlite3_reset(statement_.get());  // repeats the error of step(), which we have
  if (!more.ok()) return std::move(more).error();
  return {};
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_.get(), column);
  if (bytes == nullptr) return {};
  const int count = sqlite3_column_bytes(statement_.get(), column);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count)};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

void Database::Close::operator()(sqlite3* connection) const {
  const int code = sqlite3_close(connection);
  assert(code == SQLITE_OK);  // else a statement has outlived it
}

Result<Database> Database::open(const std::string& name, int flags, std::string path) {
  Database database(std::move(path));
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &connection, flags, nullptr);
  database.connection_.reset(connection);
  if (code != SQLITE_OK) return failure(connection, code, database.path_);
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, busy_timeout_ms);
  return database;
}

Result<void> Database::run(const char* sql) {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(connection_.get(), code, path_);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return failure(connection_.get(), code, path_);
  return Statement(statement, path_);
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step())) return Error{ErrorCode::internal, path_ + ": no row for " + std::string(sql)};
  return statement.integer(0);
}

Result<void> Database::ensure_journal_mode(std::string_view mode) {
  constexpr int pause_ms = 20;
  const auto is_set = [&]() -> Result<bool> {
    Statement present = TRY(prepare("PRAGMA journal_mode"));
    return TRY(present.step()) && present.text(0) == mode;
  };
  for (int waited_ms = 0; !TRY(is_set()); waited_ms += pause_ms) {
    // While others have the file open, it fails, or succeeds and leaves the mode as it is.
    const Result<void> changed = run(("PRAGMA journal_mode = " + std::string(mode)).c_str());
    const int code = sqlite3_errcode(connection_.get()) & 0xFF;
    if (!changed.ok() && code != SQLITE_BUSY && code != SQLITE_LOCKED) return changed;
    if (TRY(is_set())) return {};
    if (waited_ms >= busy_timeout_ms) return failure(connection_.get(), SQLITE_BUSY, path_);
    sqlite3_sleep(pause_ms);
  }
  return {};
}

std::int64_t Database::changed() const { return sqlite3_changes64(connection_.get()); }

bool Database::is_read_only() const { return sqlite3_db_readonly(connection_.get(), "main") == 1; }

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  TRY(database.run(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(database);
}

Transaction::~Transaction() {
  // A full disk may have rolled it back already; then there is nothing left to undo, which is what we want.
  if (database_ != nullptr) (void)database_->run("ROLLBACK");
}

Result<void> Transaction::commit() {
  TRY(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace skep
