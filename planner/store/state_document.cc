#include "planner/store/state_document.h"

#include "planner/base/json.h"
#include "planner/model/plan_json.h"
#include "planner/store/snapshot.h"

namespace skep {

namespace {

constexpr std::int64_t document_version = 2;  // 1: a history without steps, of no more than a hundred applies

std::int64_t seconds_since_1970(WallTime time) { return time.time_since_epoch().count(); }
WallTime wall_time(const Json& json, const char* key) {
  return WallTime(std::chrono::seconds(json_int_or(json, key, 0)));
}

Json step_json_of(const HistoryStep& step) {
  return {{"action", step_action_name(step.action)},
          {"id", step.id},
          {"outcome", step.outcome},
          {"elapsed_ms", step.elapsed.count()}};
}

HistoryStep step_of_json(const Json& json) {
  return {.action = step_action_of(json_string_or(json, "action")).value_or(StepAction::read),
          .id = json_string_or(json, "id"),
          .outcome = json_string_or(json, "outcome"),
          .elapsed = Duration(json_int_or(json, "elapsed_ms", 0))};
}

Json entry_json(const HistoryEntry& entry, bool has_steps) {
  Json json = {{"id", entry.id},
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
  if (!entry.change.empty()) json["change"] = entry.change;
  if (!entry.job_url.empty()) json["job_url"] = entry.job_url;
  if (!entry.plan_digest.empty()) json["plan_digest"] = entry.plan_digest;
  if (entry.step_count > 0) json["step_count"] = entry.step_count;
  if (!has_steps || entry.steps.empty()) return json;
  Json& steps = json["steps"] = Json::array();
  for (const auto& step : entry.steps) steps.push_back(step_json_of(step));
  return json;
}

HistoryEntry entry_of(const Json& json) {
  std::vector<HistoryStep> steps;
  for (const auto& step : json_member(json, "steps")) steps.push_back(step_of_json(step));
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
          .serial_after = json_int_or(json, "serial_after", 0),
          .change = json_string_or(json, "change"),
          .job_url = json_string_or(json, "job_url"),
          .plan_digest = json_string_or(json, "plan_digest"),
          .step_count = json_int_or(json, "step_count", 0),
          .steps = std::move(steps)};
}

/// Every write carries the whole history, so that the steps of old applies have to go one day.
Json history_json_of(const std::vector<HistoryEntry>& history) {
  std::size_t kept = 0;
  std::size_t first_with_steps = history.size();
  while (first_with_steps > 0) {
    kept += history[first_with_steps - 1].steps.size();
    if (kept > history_step_limit && first_with_steps < history.size()) break;
    --first_with_steps;
  }
  Json list = Json::array();
  for (std::size_t i = 0; i < history.size(); ++i) list.push_back(entry_json(history[i], i >= first_with_steps));
  return list;
}

}  // namespace

std::string document_text(const StateDocument& document) {
  return dump_json({{"version", document_version},
                    {"serial", document.serial},
                    {"lineage", document.state.lineage},
                    {"tool", "skep"},
                    {"state", snapshot_json(document.state)},
                    {"history", history_json_of(document.history)}});
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
