// SQLite in our words: a connection, a statement and a transaction that clean up after themselves, errors as Result.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "planner/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace skep {

/// os_error() with a next step, whatever the cause.
Error file_error(int number, std::string_view what);

/// One prepared statement. Must not outlive its Database.
class Statement {
 public:
  /// Parameters count from 1. A text must stay where it is until the statement has run.
  Statement& bind(int index, std::int64_t number);
  Statement& bind(int index, std::string_view text);
  Statement& bind_null(int index);

  /// True when there is a row. Errors: as Database.
  Result<bool> step();
  /// To its end, and ready to be bound and run again.
  Result<void> run();

  /// Columns of the present row, from 0. Texts hold until the next step.
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(sqlite3_stmt* statement, std::string path);
  void note(int code);

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string path_;
  int bind_failure_ = 0;
};

/// One connection, for one thread at a time. Errors of all calls: invalid_input (no database, damaged), denied,
/// exhausted (disk full), unavailable (I/O error; another process kept it locked for ten seconds).
class Database {
 public:
  /// `name` is a path or a "file:" URI, `flags` as of sqlite3_open_v2; `path` is for messages.
  static Result<Database> open(const std::string& name, int flags, std::string path);

  /// One or more statements without parameters and results.
  Result<void> run(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  /// The first column of the first row.
  Result<std::int64_t> integer(std::string_view sql);

  /// "wal" or "delete". Waits for others as all calls do, which SQLite itself does not here. Outside a transaction.
  Result<void> ensure_journal_mode(std::string_view mode);

  /// Rows that the last INSERT, UPDATE or DELETE touched.
  std::int64_t changed() const;
  /// SQLite opens for reading what it may not write.
  bool is_read_only() const;
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  explicit Database(std::string path) : path_(std::move(path)) {}

  std::unique_ptr<sqlite3, Close> connection_;
  std::string path_;
};

/// All or nothing: rolled back unless commit() succeeded.
class Transaction {
 public:
  enum class Kind { read, write };  // write: no other process writes from the beginning to the end
  static Result<Transaction> begin(Database& database, Kind kind);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  ~Transaction();

  /// Durable on return.
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;
};

}  // namespace skep
