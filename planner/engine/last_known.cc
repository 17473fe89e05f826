#include "planner/engine/last_known.h"

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

}  // namespace skep
