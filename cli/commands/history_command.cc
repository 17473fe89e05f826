#include "cli/commands/history_command.h"

#include <algorithm>

#include "cli/commands/cluster.h"
#include "cli/exit_code.h"
#include "cli/render/paint.h"
#include "cli/styles.h"
#include "planner/base/number.h"
#include "planner/base/text.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

bool has_ended(const HistoryEntry& entry) { return entry.ended != WallTime{}; }

Json history_json(const HistoryEntry& entry) {
  return {{"id", entry.id},
          {"operation", entry.operation},
          {"started", rfc3339(entry.started)},
          {"ended", has_ended(entry) ? Json(rfc3339(entry.ended)) : Json()},
          {"user", entry.user},
          {"host", entry.host},
          {"commit", entry.commit},
          {"change", entry.change},
          {"job_url", entry.job_url},
          {"plan_digest", entry.plan_digest},
          {"summary", entry.summary},
          {"outcome", entry.outcome},
          {"step_count", entry.step_count},
          {"serial_before", entry.serial_before},
          {"serial_after", entry.serial_after}};
}

Json entry_json_whole(const HistoryEntry& entry) {
  Json steps = Json::array();
  for (const auto& step : entry.steps) {
    steps.push_back({{"action", step_action_name(step.action)},
                     {"id", step.id},
                     {"outcome", step.outcome},
                     {"elapsed_ms", step.elapsed.count()}});
  }
  Json json = history_json(entry);
  json["format_version"] = "1.0";
  json["type"] = "history_entry";
  json["steps"] = std::move(steps);
  return json;
}

std::string short_commit(const std::string& commit) {
  return commit.substr(0, 12) + (commit.ends_with("+dirty") && commit.size() > 12 ? "+dirty" : "");
}

Color color_of(const std::string& outcome) {
  if (outcome == "done") return Color::green;
  return outcome.starts_with("failed") ? Color::red : Color::yellow;
}

std::string duration_of(const HistoryEntry& entry) {
  return has_ended(entry) ? human_duration(entry.ended - entry.started) : "";
}

/// "done: 3 added, 0 changed, 0 destroyed"; the last column is the one that may wrap.
std::string result_of(const HistoryEntry& entry) {
  const std::string outcome = replace_all(entry.outcome, "\n", " ");
  if (entry.summary.empty() || outcome.empty()) return outcome + entry.summary;
  return outcome == "done" ? outcome + ": " + entry.summary : outcome + " (" + entry.summary + ")";
}

Row history_row(const HistoryEntry& entry) {
  return {{std::to_string(entry.id)},
          {rfc3339(entry.started)},
          {entry.operation},
          {entry.user + "@" + entry.host},
          {short_commit(entry.commit)},
          {entry.change},
          {duration_of(entry)},
          {result_of(entry), color_of(entry.outcome)}};
}

std::string entry_text(const HistoryEntry& entry, const Style& style) {
  std::vector<Row> rows;
  const auto add = [&rows](const char* name, const std::string& value, Color color = Color::none) {
    if (!value.empty()) rows.push_back({{name, Color::dim}, {value, color}});
  };
  add(entry.operation.c_str(), std::to_string(entry.id));
  add("started", rfc3339(entry.started));
  add("took", duration_of(entry));
  add("by", entry.user + "@" + entry.host);
  add("commit", entry.commit);
  add("change", entry.change);
  add("job", entry.job_url);
  add("plan", entry.plan_digest);
  add("state", std::to_string(entry.serial_before) + " → " + std::to_string(entry.serial_after));
  add("summary", entry.summary);
  add("outcome", entry.outcome, color_of(entry.outcome));
  return table_text(rows, style, 0);
}

std::string steps_text(const HistoryEntry& entry, const Style& style) {
  if (entry.step_count == 0) return "";
  if (entry.steps.empty()) {
    return "\nits " + count_of(static_cast<std::size_t>(entry.step_count), "step") +
           " are no longer kept: a shared state keeps those of the newest applies\n";
  }
  std::vector<Row> rows;
  for (const auto& step : entry.steps) {
    const std::string outcome = step.outcome.empty() ? "not begun" : step.outcome;
    rows.push_back({{std::string(step_action_name(step.action))},
                    {step.id},
                    {step.elapsed > Duration(0) ? human_duration(step.elapsed) : ""},
                    {outcome, color_of(outcome)}});
  }
  return "\n" + table_text(rows, style, 0);
}

Result<int> show_one(Store& store, const std::string& wanted, const Invocation& invocation, Outside& outside) {
  const auto id = parse_integer(wanted);
  if (!id) {
    return Error{ErrorCode::invalid_input, "'" + wanted + "' is no number of an apply",
                 "skep state history prints them in its first column"};
  }
  const auto entry = TRY(store.history_entry(*id));
  if (invocation.flag("json")) {
    outside.out << dump_json_pretty(entry_json_whole(entry));
    return exit_done;
  }
  const Style style = style_of_output(invocation, outside);
  outside.out << entry_text(entry, style) << steps_text(entry, style);
  return exit_done;
}

}  // namespace

Result<int> state_history_command(const Invocation& invocation, Outside& outside) {
  const int limit = TRY(invocation.number("limit", 1, 1000000, 20));
  const SpecAndPaths opened = TRY(open_spec(invocation, outside));
  const auto store = TRY(outside.open_store(opened.paths.state, StateUse::read));
  if (const std::string id = invocation.argument("ID"); !id.empty()) return show_one(*store, id, invocation, outside);
  auto entries = TRY(store->history());
  if (entries.size() > static_cast<std::size_t>(limit)) entries.resize(static_cast<std::size_t>(limit));
  if (invocation.flag("json")) {
    Json list = Json::array();
    for (const auto& entry : entries) list.push_back(history_json(entry));
    outside.out << dump_json_pretty({{"format_version", "1.0"}, {"type", "history"}, {"entries", std::move(list)}});
    return exit_done;
  }
  std::vector<Row> rows;
  for (const auto& entry : entries) rows.push_back(history_row(entry));
  outside.out << table_text(rows, style_of_output(invocation, outside), 0);
  if (rows.empty()) outside.err << "nothing was applied yet\n";
  return exit_done;
}

}  // namespace skep
