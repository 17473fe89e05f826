#include "planner/engine/lingering.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "planner/model/refs.h"

namespace skep {

namespace {

using Going = std::map<ResourceId, const Step*>;

struct Lingering {
  Json values = Json::array();    // as the things report them: nothing refers to what goes
  std::vector<StepId> ends = {};  // the steps that destroy them
};

Lingering lingering_of(const Json& former, const Going& going) {
  Lingering result;
  for (const auto& one : former) {
    const auto id = one.is_object() ? parse_resource_id(json_string_or(one, "$ref")) : std::nullopt;
    const auto end = id ? going.find(*id) : going.end();
    if (end == going.end()) continue;
    const Object& object = *end->second->object;
    const std::string field = json_string_or(one, "field");
    const Json value = field == "remote_id" ? Json(object.remote_id) : json_member(object.attributes, field);
    if (value.is_null()) continue;
    result.values.push_back(value);
    result.ends.push_back(end->second->id);
  }
  return result;
}

}  // namespace

void let_linger(Plan& plan, const State& state, const Schemas& schemas) {
  Going going;
  for (const Step& step : plan.steps) {
    if (step.action == StepAction::destroy && step.object) going.emplace(step.resource.id, &step);
  }
  std::vector<Step> second;
  std::map<StepId, Resource> first;
  for (const Step& step : plan.steps) {
    const auto record = state.records.find(step.resource.id);
    if (step.action != StepAction::update || record == state.records.end()) continue;
    Resource wider = step.resource;
    std::vector<StepId> after = {step.id};
    for (const auto& field : schemas.at(step.resource.driver)->inputs) {
      if (!field.keeps_what_goes || !wider.inputs.contains(field.name)) continue;
      const Lingering left = lingering_of(json_member(record->second.resource.inputs, field.name), going);
      for (const auto& value : left.values) wider.inputs[field.name].push_back(value);
      after.insert(after.end(), left.ends.begin(), left.ends.end());
    }
    if (after.size() == 1) continue;
    std::ranges::sort(after);
    Step last = step;
    last.id = static_cast<StepId>(plan.steps.size() + second.size());
    last.after = std::move(after);
    second.push_back(std::move(last));
    first.emplace(step.id, std::move(wider));
  }
  for (auto& [id, resource] : first) plan.steps[id].resource = std::move(resource);
  std::ranges::move(second, std::back_inserter(plan.steps));
}

}  // namespace skep
