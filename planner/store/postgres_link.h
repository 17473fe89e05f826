// One connection to PostgreSQL: libpq's calls in our words.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/system/context.h"

namespace skep {

using PostgresRow = std::vector<std::string>;  // null reads as empty

struct PostgresAnswer {
  std::vector<PostgresRow> rows = {};
  std::string sqlstate = {};  // empty: it was done
  std::string message = {};   // of the server, one line
};

class PostgresLink {
 public:
  explicit PostgresLink(std::string connection) : connection_(std::move(connection)) {}

  bool is_open() const { return handle_ != nullptr; }
  /// Blocks at most as long as libpq's connect_timeout says: 10 seconds. Errors: denied, unavailable, invalid_input.
  Result<void> open();
  void close() { handle_.reset(); }

  /// One request; parameters are $1, $2, ... Blocks at most 30 seconds. An answer with an sqlstate is no Error.
  /// Errors: unknown_outcome (the connection broke meanwhile; it is closed then).
  Result<PostgresAnswer> ask(const std::string& sql, const std::vector<std::string>& parameters);

 private:
  struct Finish {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  const std::string connection_;
  std::unique_ptr<PGconn, Finish> handle_ = {};
};

}  // namespace skep
