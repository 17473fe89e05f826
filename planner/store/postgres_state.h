// A team's state in PostgreSQL: an advisory lock that ends with its connection, and one row a version.
#pragma once

#include <memory>
#include <string>

#include "planner/store/shared_state.h"
#include "planner/system/clock.h"

namespace skep {

struct PostgresOptions {
  /// libpq's connection string, or URI; what it does not say comes from the PG* variables. May hold a password.
  std::string connection = {};
  std::string name = {};  // of the state: several share a database
};

/// Connects when it is first asked, and again when the connection broke: a lock that went with it is taken anew, and
/// the next write succeeds only if nobody else has written meanwhile. The tables skep_states and skep_locks are made by
/// the first lock. Reading needs no right but SELECT. The last hundred versions are kept. unlock() of somebody else's
/// lock ends the connection that holds it. No message repeats the connection string.
std::unique_ptr<SharedState> make_postgres_state(PostgresOptions options, const Clock& clock);

/// Whether a connection string, or URI, says a password: that belongs in the environment, not in a spec.
/// Errors: invalid_input (it is neither).
Result<bool> names_password(const std::string& connection);

}  // namespace skep
