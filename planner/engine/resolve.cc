#include "planner/engine/resolve.h"

namespace skep {

namespace {

bool is_reference(const Json& value) {
  return value.is_object() && (value.contains("$ref") || value.contains("$one_of") || value.contains("$all"));
}

}  // namespace

Attributes resolve_what_is_there(const Attributes& attributes, const Objects& objects) {
  if (is_reference(attributes)) return resolve_refs(attributes, objects).value_or(nullptr);
  if (attributes.is_array()) {
    Json copy = Json::array();
    for (const auto& item : attributes) {
      Json resolved = resolve_what_is_there(item, objects);
      if (!resolved.is_null() || item.is_null()) copy.push_back(std::move(resolved));
    }
    return copy;
  }
  if (!attributes.is_object()) return attributes;
  Json copy = Json::object();
  for (const auto& [key, member] : attributes.items()) copy[key] = resolve_what_is_there(member, objects);
  return copy;
}

}  // namespace skep
