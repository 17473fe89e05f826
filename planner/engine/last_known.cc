#include "planner/engine/last_known.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace skep {

namespace {

void walk(Json& value, const Json& applied, const std::function<bool(const ResourceId&)>& exists) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) walk(value[i], json_item(applied, i), exists);
  } else if (value.is_object() && value.contains("$ref")) {
    const auto id = parse_resource_id(json_string_or(value, "$ref"));
    if (!id || exists(*id) || applied.is_null()) return;
    const bool is_machine = id->kind == machine_kind && applied.is_object();
    value = applied;
    if (is_machine) value["power"] = "off";
  } else if (value.is_object()) {
    for (auto& [key, part] : value.items()) walk(part, json_member(applied, key), exists);
  }
}

}  // namespace

void use_last_known(Attributes& inputs, const Attributes& applied,
                    const std::function<bool(const ResourceId&)>& exists) {
  walk(inputs, applied, exists);
}

std::set<ResourceId> kept_by_unread(std::span<const Item> items, const State& state) {
  std::vector<ResourceId> users;
  for (const Item& item : items)
    if (item.holds_on) users.push_back(item.id);
  std::set<ResourceId> kept;
  while (!users.empty()) {
    const ResourceId id = std::move(users.back());
    users.pop_back();
    const auto user = state.records.find(id);
    if (!kept.insert(id).second || user == state.records.end()) continue;
    const Resource& resource = user->second.resource;
    const auto named = referenced(resource.inputs);
    for (const auto& need : resource.needs) {
      const auto record = state.records.find(need);
      const bool is_elsewhere = record != state.records.end() && !record->second.resource.node.empty() &&
                                record->second.resource.node != resource.node;
      if (!is_elsewhere || std::ranges::find(named, need) != named.end()) users.push_back(need);
    }
  }
  return kept;
}

}  // namespace skep
