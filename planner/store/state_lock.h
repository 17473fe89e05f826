// The lock of a state as a row: who holds it, whether he still lives, taking and giving it back.
#pragma once

#include <optional>
#include <string>

#include "planner/base/result.h"
#include "planner/store/sqlite.h"
#include "planner/store/store.h"

namespace skep {

struct LockRow {
  std::string token;  // random; proves that a writer still holds what it once took
  Holder holder;
};

/// The row, or nothing when nobody holds the lock. A holder that is surely gone is nobody.
Result<std::optional<LockRow>> read_lock(Database& database);

/// Writes the row under `token`, in one transaction with the look at the present one. `now` is for the age in messages.
/// Errors: conflict (somebody holds it: "locked by USER on HOST (pid N), OPERATION, since 3 min").
Result<void> take_lock_row(Database& database, const std::string& token, const Holder& holder, WallTime now);

/// Gives it back if it is still held under `token`; with an empty token whoever holds it.
Result<void> free_lock_row(Database& database, const std::string& token);

/// For a writer, inside its transaction. Errors: conflict (it was taken away, and by whom it is held now).
Result<void> check_lock_row(Database& database, const std::string& token);

}  // namespace skep
