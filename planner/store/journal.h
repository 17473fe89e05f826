// The narrow part of the store that the executor sees: intents before deeds, results before what depends on them.
#pragma once

#include <span>
#include <variant>

#include "planner/base/result.h"
#include "planner/model/state.h"
#include "planner/system/context.h"

namespace skep {

/// About to touch the world for this resource.
struct Begin {
  StepAction action = StepAction::create;
  Resource resource;
};
/// The deed is done: this record holds now (create, update, read), or none (destroy, forget). Closes the open intent.
struct Finish {
  ResourceId id;
  std::optional<Record> record;
};
/// The deed surely did not happen: closes the open intent, changes no record.
struct Abandon {
  ResourceId id;
};
using Entry = std::variant<Begin, Finish, Abandon>;

class Journal {
 public:
  virtual ~Journal() = default;
  /// All or none, durable on return. Errors: exhausted (disk full), unavailable (I/O), conflict (the lock was lost).
  virtual Result<void> record(std::span<const Entry> entries) = 0;
  /// For how long more entries are worth waiting for, because each record() has its price; zero: for none.
  virtual Duration gathering_time() const { return Duration(0); }
};

}  // namespace skep
