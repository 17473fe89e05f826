#include "cli/render/plan_text.h"

#include <array>

#include "cli/render/plan_course.h"
#include "planner/base/text.h"
#include "planner/engine/diff.h"

namespace skep {

namespace {

constexpr std::size_t value_columns = 60;  // a longer value is cut: the plan is for reading
constexpr std::size_t fields_shown = 6;

struct Glyph {
  const char* text;
  Color color;
};

Glyph glyph_of(Action action) {
  switch (action) {
    case Action::create:
      return {"+", Color::green};
    case Action::update:
      return {"~", Color::yellow};
    case Action::replace:
      return {"±", Color::magenta};
    case Action::destroy:
    case Action::forget:
      return {"-", Color::red};
    case Action::none:
    case Action::read:
      return {" ", Color::none};
  }
  return {" ", Color::none};
}

std::string label_of(const Change& change) {
  const bool is_plain = change.id.generation == 1 || change.action == Action::replace;
  return is_plain ? change.id.name : change.id.name + "@" + std::to_string(change.id.generation);
}

std::string shown_value(const std::string& value) { return value.empty() ? "none" : cut_to(value, value_columns); }

std::string fields_text(const Change& change) {
  std::vector<std::string> parts;
  for (const auto& field : change.fields) {
    if (parts.size() == fields_shown) {
      parts.push_back("and " + std::to_string(change.fields.size() - fields_shown) + " more");
      break;
    }
    parts.push_back(field.field + " " + shown_value(field.before) + " → " + shown_value(field.after));
  }
  return join(parts, ", ");
}

/// What a new thing will be: the few inputs by which people tell one from another, in this order.
std::string features_text(const Json& inputs) {
  static constexpr std::array<const char*, 9> telling = {"type",  "image", "location", "size_bytes", "size_gb",
                                                         "range", "role",  "source",   "version"};
  std::vector<std::string> parts;
  for (const char* name : telling) {
    const Json& value = json_member(inputs, name);
    const std::string text = value.is_string() || value.is_number() ? value_text(name, value) : "";
    if (!text.empty()) parts.push_back(cut_to(text, value_columns));
  }
  return join(parts, ", ");
}

/// "with host, engine, swarm_node" in the order of the ids; each kind once.
std::string folded_text(const PlanRow& row) {
  std::vector<std::string> kinds;
  for (const auto& id : row.folded) {
    if (kinds.empty() || kinds.back() != id.kind) kinds.push_back(id.kind);
  }
  return kinds.empty() ? "" : "with " + join(kinds, ", ");
}

std::string detail_of(const PlanRow& row) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::string text) {
    if (!text.empty()) parts.push_back(std::move(text));
  };
  const Change& change = row.change;
  if (change.action == Action::create) add(features_text(row.inputs));
  if (change.action == Action::update || change.action == Action::replace) add(fields_text(change));
  add(change.why);
  if (change.action == Action::update && change.disruptive) add("drained first");
  if (change.action == Action::forget) add("goes with its machines");
  add(folded_text(row));
  return join(parts, ", ");
}

std::string nodes_text(const std::vector<PlanRow>& rows) {
  PlanCounts nodes;
  std::size_t replaced = 0;
  for (const auto& row : rows) {
    if (row.change.id.kind != machine_kind) continue;
    const Action action = row.change.action;
    nodes.add += action == Action::create ? 1 : 0;
    replaced += action == Action::replace ? 1 : 0;
    nodes.change += action == Action::update ? 1 : 0;
    nodes.destroy += action == Action::destroy || action == Action::forget ? 1 : 0;
  }
  std::vector<std::string> parts;
  const auto add = [&parts](std::size_t number, const char* verb) {
    if (number == 0) return;
    parts.push_back((parts.empty() ? count_of(number, "node") : std::to_string(number)) + " to " + verb);
  };
  add(nodes.add, "add");
  add(replaced, "replace");
  add(nodes.change, "change");
  add(nodes.destroy, "destroy");
  return join(parts, ", ");
}

std::string price_of(const PlanRow& row, const Bill& bill) {
  std::vector<ResourceId> ids = row.folded;
  ids.push_back(row.change.id);
  return change_text(bill, ids);
}

/// Set in by two, wrapped where the style has a width.
std::string bold_lines(const std::string& sentence, const Style& style) {
  std::string text;
  const auto room = static_cast<std::size_t>(style.columns > 40 ? style.columns - 2 : 0);
  for (const auto& line : wrapped(sentence, room)) text += "  " + painted(line, Color::bold, style) + "\n";
  return text;
}

std::string header_text(const PlanHeader& header, const Style& style) {
  const auto room = static_cast<std::size_t>(style.columns > 40 ? style.columns : 0);
  auto lines = wrapped(header.cluster + " · " + header.place + " · " + header.state, room);
  const std::string rest = lines.front().substr(header.cluster.size());
  lines.front() = painted(header.cluster, Color::bold, style) + rest;
  return join(lines, "\n") + "\n";
}

std::string risks_text(const Plan& plan, const Style& style) {
  std::string text;
  const auto room = static_cast<std::size_t>(style.columns > 40 ? style.columns - 4 : 0);
  for (const auto& warning : plan.warnings) {
    bool is_first = true;
    for (const auto& line : split_lines(warning)) {
      for (const auto& piece : wrapped(line, room)) {
        text += is_first ? "  " + painted("!", Color::yellow, style) + " " : std::string("    ");
        text += piece + "\n";
        is_first = false;
      }
    }
  }
  return text;
}

// "manager-2, then manager-1, then worker-1, then worker-2 and worker-3", and how the quorum stands at each step.
std::string course_text(const Plan& plan, const Style& style) {
  const auto room = static_cast<std::size_t>(style.columns > 40 ? style.columns - 12 : 0);
  std::string text;
  const auto add = [&](std::string label, const std::string& line) {
    label.resize(10, ' ');
    for (const auto& piece : wrapped(line, room)) {
      text += "  " + label + piece + "\n";
      label.assign(10, ' ');
    }
  };
  std::vector<std::string> waves;
  for (const auto& nodes : waves_of(plan)) waves.push_back(join(nodes, ", "));
  if (!waves.empty()) add("in turn", join(waves, " → "));
  for (std::size_t i = 0; i < plan.quorum.size(); ++i) add(i == 0 ? "quorum" : "", plan.quorum[i]);
  return text;
}

}  // namespace

Row plan_row_cells(const PlanRow& row) {
  const Glyph glyph = glyph_of(row.change.action);
  const std::string head = std::string(glyph.text) + " " + row.change.id.kind;
  return {{head, glyph.color}, {label_of(row.change)}, {detail_of(row)}};
}

std::string verdict_text(const Plan& plan) {
  const auto rows = plan_rows(plan);
  if (rows.empty()) return "";
  std::size_t others = 0;
  for (const auto& row : rows) others += row.change.id.kind == machine_kind ? 0 : 1;
  const std::string nodes = nodes_text(rows);
  std::vector<std::string> parts;
  if (!nodes.empty()) parts.push_back(nodes);
  if (others > 0) parts.push_back(nodes.empty() ? count_of(others, "change") : count_of(others, "other change"));
  if (!plan.quorum.empty()) parts.emplace_back("quorum kept at every step");
  if (const auto time = usual_duration(plan); time >= std::chrono::seconds(30))
    parts.push_back("about " + (time < std::chrono::minutes(1)
                                    ? "1 min"
                                    : human_duration(std::chrono::ceil<std::chrono::minutes>(time))));
  return join(parts, " · ");
}

std::string plan_text(const Plan& plan, const PlanHeader& header, const Style& style) {
  const auto rows = plan_rows(plan);
  std::string text = header_text(header, style) + "\n";
  std::string verdict = verdict_text(plan);
  const std::string price = bill_text(header.bill);
  if (!price.empty()) verdict += (verdict.empty() ? "" : " · ") + price;
  if (!verdict.empty()) text += bold_lines(verdict, style) + "\n";
  const std::string risks = risks_text(plan, style);
  if (!risks.empty()) text += risks + "\n";

  std::vector<Row> table;
  for (const auto& row : rows) {
    table.push_back(plan_row_cells(row));
    // before the details: the last column is the one that may wrap
    if (!price.empty()) table.back().insert(table.back().end() - 1, {price_of(row, header.bill)});
  }
  if (!table.empty()) text += table_text(table, style) + "\n";
  const std::string course = course_text(plan, style);
  if (!course.empty()) text += course + "\n";
  return text + painted(plan_line(counts_of(rows)), Color::bold, style) + "\n";
}

}  // namespace skep
