#include "cli/render/plan_rows.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "planner/base/text.h"

namespace skep {

namespace {

int rank_of(Action action) {
  switch (action) {
    case Action::create:
      return 0;
    case Action::replace:
      return 1;
    case Action::update:
      return 2;
    case Action::destroy:
    case Action::forget:
      return 3;
    case Action::none:
    case Action::read:
      return 4;
  }
  return 4;
}

bool comes_or_goes(Action action) {
  return action == Action::create || action == Action::replace || action == Action::destroy || action == Action::forget;
}

bool is_shown_before(const PlanRow& left, const PlanRow& right) {
  const int left_rank = rank_of(left.change.action);
  const int right_rank = rank_of(right.change.action);
  if (left_rank != right_rank) return left_rank < right_rank;
  if (left.change.id.kind != right.change.id.kind) return left.change.id.kind < right.change.id.kind;
  if (left.change.id.name != right.change.id.name) return natural_less(left.change.id.name, right.change.id.name);
  return left.change.id.generation < right.change.id.generation;
}

void count(const PlanRow& row, PlanCounts& counts) {
  switch (row.change.action) {
    case Action::create:
      ++counts.add;
      break;
    case Action::update:
      ++counts.change;
      break;
    case Action::replace:
      ++counts.add;
      ++counts.destroy;
      break;
    case Action::destroy:
    case Action::forget:
      ++counts.destroy;
      break;
    case Action::none:
    case Action::read:
      break;
  }
}

}  // namespace

std::vector<PlanRow> plan_rows(const Plan& plan) {
  // One machine row a node and generation: a replaced node may have two of them.
  std::map<std::pair<std::string, int>, std::size_t> machine_of;
  std::vector<PlanRow> rows;
  for (const auto& change : plan.changes) {
    if (change.id.kind != machine_kind || change.node.empty() || !comes_or_goes(change.action)) continue;
    machine_of[{change.node, change.id.generation}] = rows.size();
    rows.push_back({change});
  }
  for (const auto& change : plan.changes) {
    const auto machine = machine_of.find({change.node, change.id.generation});
    if (machine == machine_of.end()) {
      rows.push_back({change});
    } else if (change.id != rows[machine->second].change.id) {
      rows[machine->second].folded.push_back(change.id);
      rows[machine->second].change.disruptive |= change.disruptive;
    }
  }
  std::map<ResourceId, const Step*> wanted;
  for (const auto& step : plan.steps) {
    if (step.action == StepAction::create || step.action == StepAction::update) wanted[step.resource.id] = &step;
  }
  for (auto& row : rows) {
    if (const auto found = wanted.find(row.change.id); found != wanted.end())
      row.inputs = found->second->resource.inputs;
  }
  std::sort(rows.begin(), rows.end(), is_shown_before);
  return rows;
}

PlanCounts counts_of(const std::vector<PlanRow>& rows) { return counts_done(rows, {}); }

PlanCounts counts_done(const std::vector<PlanRow>& rows, const std::set<ResourceId>& not_done) {
  std::set<std::pair<std::string, std::string>> missed;
  for (const auto& id : not_done) missed.emplace(id.kind, id.name);
  PlanCounts counts;
  for (const auto& row : rows) {
    // Without the generation: of a replacement, the old one's end is a part of the same row.
    bool is_done = !missed.contains({row.change.id.kind, row.change.id.name});
    for (const auto& id : row.folded) is_done = is_done && !missed.contains({id.kind, id.name});
    if (is_done) count(row, counts);
  }
  return counts;
}

std::string plan_line(const PlanCounts& counts) {
  if (counts.add + counts.change + counts.destroy == 0) {
    return "No changes. Your infrastructure matches the configuration.";
  }
  return "Plan: " + std::to_string(counts.add) + " to add, " + std::to_string(counts.change) + " to change, " +
         std::to_string(counts.destroy) + " to destroy.";
}

std::string complete_line(const PlanCounts& counts, const std::string& operation) {
  if (operation == "destroy") {
    return "Destroy complete! Resources: " + std::to_string(counts.destroy) + " destroyed.";
  }
  return "Apply complete! Resources: " + done_text(counts) + ".";
}

std::string done_text(const PlanCounts& counts) {
  return std::to_string(counts.add) + " added, " + std::to_string(counts.change) + " changed, " +
         std::to_string(counts.destroy) + " destroyed";
}

}  // namespace skep
