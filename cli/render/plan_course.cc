#include "cli/render/plan_course.h"

#include <algorithm>
#include <map>
#include <set>

#include "planner/base/text.h"

namespace skep {
namespace {

using std::chrono::seconds;

seconds settle_of(const Resource& resource) {
  const Json& service = json_member(resource.inputs, "service");
  return seconds(json_int_or(service.is_object() ? service : resource.inputs, "settle", 0));
}

seconds to_make(const Resource& resource) {
  if (resource.id.kind == machine_kind) return seconds(resource.driver.starts_with("local.") ? 5 : 40);
  if (resource.id.kind == "engine") return seconds(40);
  if (resource.id.kind == "volume" || resource.id.kind == "load_balancer") return seconds(15);
  return seconds(3) + settle_of(resource);
}

seconds usual_time(const Step& step, bool is_disruptive) {
  const std::string& kind = step.resource.id.kind;
  switch (step.action) {
    case StepAction::create:
      return to_make(step.resource);
    case StepAction::update:
      return is_disruptive ? seconds(30) + to_make(step.resource) + settle_of(step.resource) : seconds(2);
    case StepAction::destroy:
      return kind == member_kind ? seconds(20) : kind == machine_kind ? seconds(5) : seconds(2);
    case StepAction::prepare:
      return seconds(15);
    case StepAction::forget:
    case StepAction::read:
      return seconds(0);
  }
  return seconds(0);
}

std::set<ResourceId> disruptive_changes(const Plan& plan) {
  std::set<ResourceId> ids;
  for (const auto& change : plan.changes)
    if (change.disruptive) ids.insert(change.id);
  return ids;
}

}  // namespace

std::vector<std::vector<std::string>> waves_of(const Plan& plan) {
  std::set<std::string> replaced;
  for (const auto& change : plan.changes)
    if (change.action == Action::replace && !change.node.empty()) replaced.insert(change.node);
  const auto disruptive = disruptive_changes(plan);
  const auto has_turn = [&](const Step& step) {
    if (replaced.contains(step.resource.node)) return true;
    return step.action == StepAction::update && !step.resource.node.empty() && disruptive.contains(step.resource.id);
  };
  // The wave of a node is decided where its first step stands: after all nodes of which some step comes before that.
  std::vector<std::size_t> passed(plan.steps.size(), 0);  // the last wave on the way to each step
  std::map<std::string, std::size_t> wave;
  for (const auto& step : plan.steps) {
    for (const StepId earlier : step.after) passed[step.id] = std::max(passed[step.id], passed[earlier]);
    if (!has_turn(step)) continue;
    const auto number = wave.try_emplace(step.resource.node, passed[step.id] + 1).first->second;
    passed[step.id] = std::max(passed[step.id], number);
  }
  if (wave.size() < 2) return {};
  std::map<std::size_t, std::vector<std::string>> nodes;
  for (const auto& [node, number] : wave) nodes[number].push_back(node);
  std::vector<std::vector<std::string>> waves;
  for (auto& [number, names] : nodes) {
    std::ranges::sort(names, natural_less);
    waves.push_back(std::move(names));
  }
  return waves;
}

seconds usual_duration(const Plan& plan) {
  const auto disruptive = disruptive_changes(plan);
  std::vector<seconds> ends(plan.steps.size(), seconds(0));
  seconds longest(0);
  for (const auto& step : plan.steps) {
    seconds begin(0);
    for (const StepId earlier : step.after) begin = std::max(begin, ends[earlier]);
    ends[step.id] = begin + usual_time(step, disruptive.contains(step.resource.id));
    longest = std::max(longest, ends[step.id]);
  }
  return longest;
}

}  // namespace skep
