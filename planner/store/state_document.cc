#include "planner/store/state_document.h"

#include <algorithm>

#include "planner/base/json.h"
#include "planner/store/snapshot.h"

namespace skep {

namespace {

constexpr std::int64_t document_version = 1;
constexpr std::size_t history_limit = 100;

std::int64_t seconds_since_1970(WallTime time) { return time.time_since_epoch().count(); }
WallTime wall_time(const Json& json, const char* key) {
  return WallTime(std::chrono::seconds(json_int_or(json, key, 0)));
}

Json entry_json(const HistoryEntry& entry) {
  return {{"id", entry.id},
          {"started", seconds_since_1970(entry.started)},
          {"ended", seconds_since_1970(entry.ended)},
          {"operation", entry.operation},
          {"user", entry.user},
          {"host", entry.host},
          {"commit", entry.commit},
          {"summary", entry.summary},
          {"outcome", entry.outcome},
          {"serial_before", entry.serial_before},
          {"serial_after", entry.serial_after}};
}

HistoryEntry entry_of(const Json& json) {
  return {.id = json_int_or(json, "id", 0),
          .started = wall_time(json, "started"),
          .ended = wall_time(json, "ended"),
          .operation = json_string_or(json, "operation"),
          .user = json_string_or(json, "user"),
          .host = json_string_or(json, "host"),
          .commit = json_string_or(json, "commit"),
          .summary = json_string_or(json, "summary"),
          .outcome = json_string_or(json, "outcome"),
          .serial_before = json_int_or(json, "serial_before", 0),
          .serial_after = json_int_or(json, "serial_after", 0)};
}

}  // namespace

std::string document_text(const StateDocument& document) {
  Json history = Json::array();
  const std::size_t first = document.history.size() - std::min(document.history.size(), history_limit);
  for (std::size_t i = first; i < document.history.size(); ++i) history.push_back(entry_json(document.history[i]));
  return dump_json({{"version", document_version},
                    {"serial", document.serial},
                    {"lineage", document.state.lineage},
                    {"tool", "skep"},
                    {"state", snapshot_json(document.state)},
                    {"history", std::move(history)}});
}

Result<StateDocument> parse_document(const std::string& text, const std::string& what) {
  const Json json = TRY(parse_json(text, what));
  if (json_string_or(json, "tool") != "skep") {
    return Error{ErrorCode::invalid_input, what + " is not a state of skep; nothing of it was changed",
                 "give skep a place of its own: another address, or another name at the end of it"};
  }
  if (json_int_or(json, "version", 0) > document_version) {
    return Error{ErrorCode::invalid_input, what + " was written by a newer skep", "use that one, or a newer one"};
  }
  StateDocument document;
  document.serial = json_int_or(json, "serial", 0);
  document.state = TRY(state_of_snapshot(json_member(json, "state"), what));
  for (const auto& entry : json_member(json, "history")) document.history.push_back(entry_of(entry));
  return document;
}

}  // namespace skep
