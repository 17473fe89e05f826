// A state with its history as the one text that a shared place keeps.
#pragma once

#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/model/state.h"
#include "planner/store/store.h"

namespace skep {

/// So many steps of applies a shared state keeps, those of the newest ones; the newest apply always has all of its own.
/// Of older applies everything else stays, about 400 bytes each.
inline constexpr std::size_t history_step_limit = 5000;

/// {"version", "serial", "lineage", "tool": "skep", "state": {...}, "history": [...]}. GitLab makes a version of each
/// `serial`, and every write needs a greater one: it counts writes, the state's own serial counts changed records.
struct StateDocument {
  std::int64_t serial = 0;
  State state = {};
  std::vector<HistoryEntry> history = {};  // oldest first, all there ever was
};

std::string document_text(const StateDocument& document);
/// Errors: invalid_input (not skep's, damaged, or of a newer skep). `what` names the place.
Result<StateDocument> parse_document(const std::string& text, const std::string& what);

}  // namespace skep
