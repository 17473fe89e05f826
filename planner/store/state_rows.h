// A State as rows: reading all of them, and writing journal entries. The caller holds the transaction.
#pragma once

#include <cstdint>
#include <span>

#include "planner/base/result.h"
#include "planner/model/state.h"
#include "planner/store/journal.h"
#include "planner/store/sqlite.h"

namespace skep {

/// Everything that State holds on disk. Errors: invalid_input (a row that makes no sense, named), those of Database.
Result<State> load_rows(Database& database);

/// Does to the rows what replay() does to a State, serial included. `written` in seconds since 1970.
Result<void> write_rows(Database& database, std::span<const Entry> entries, std::int64_t written);

/// The rows become those of this state, its serial, lineage and key too.
Result<void> replace_rows(Database& database, const State& state, std::int64_t written);

}  // namespace skep
