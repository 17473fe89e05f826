#include "planner/engine/known.h"

namespace skep {

namespace {

void note_kinds_of_all(const Json& value, std::set<std::string>& kinds) {
  if (!value.is_structured()) return;
  if (value.is_object() && value.contains("$all")) {
    kinds.insert(json_string_or(value, "$all"));
    return;
  }
  for (const auto& part : value) note_kinds_of_all(part, kinds);
}

}  // namespace

std::set<std::string> kinds_of_all(const Json& value) {
  std::set<std::string> kinds;
  note_kinds_of_all(value, kinds);
  return kinds;
}

Objects known_to(std::span<const Step> steps, const State& state,
                 const std::function<bool(const ResourceId&)>& is_reachable) {
  if (steps.empty()) return {};
  std::set<ResourceId> named;
  std::set<std::string> kinds;
  for (const Step& step : steps) {
    for (auto& id : referenced(step.resource.inputs)) named.insert(std::move(id));
    note_kinds_of_all(step.resource.inputs, kinds);
  }
  Objects known;
  const auto note = [&](const ResourceId& id, const Object& object) {
    if ((named.contains(id) || kinds.contains(id.kind)) && is_reachable(id)) known.emplace(id, object);
  };
  for (const auto& [id, record] : state.records) note(id, record.object);
  for (const auto& [id, object] : state.unrecorded) note(id, object);
  return known;
}

}  // namespace skep
