#include "planner/store/store.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/system/clock.h"

namespace skep {

namespace {

/// The newest entry, when it says that the state was moved away.
Result<std::optional<HistoryEntry>> find_mark(Store& store) {
  const auto entries = TRY(store.history());
  if (entries.empty() || entries.front().operation != moved_away) return std::optional<HistoryEntry>();
  return std::optional(entries.front());
}

}  // namespace

Result<State> Store::load() {
  State state = TRY(load_even_if_moved());
  if (const auto mark = TRY(find_mark(*this))) {
    return Error{ErrorCode::refused,
                 fmt::format("the state is not here any more: {}@{} moved it to {} at {}", mark->user, mark->host,
                             mark->summary, rfc3339(mark->started)),
                 "take the spec that says so (state: ...), or bring the state back: skep state migrate --from BACKEND"};
  }
  return state;
}

Result<std::string> Store::moved_to() {
  const auto mark = TRY(find_mark(*this));
  return mark ? mark->summary : std::string();
}

Result<void> Store::mark_moved(HistoryEntry entry, const std::string& to) {
  entry.operation = moved_away;
  entry.summary = to;
  entry.id = TRY(begin_history(entry));
  return end_history(entry);
}

}  // namespace skep
