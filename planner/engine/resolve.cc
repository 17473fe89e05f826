#include "planner/engine/resolve.h"

#include <limits>

namespace skep {

namespace {

bool is_marked(const Json& value, const char* key) { return value.is_object() && value.contains(key); }

Json all_of(const std::string& kind, const std::string& field, const Objects& objects) {
  Json values = Json::array();
  const ResourceId first = {.kind = kind, .name = "", .generation = std::numeric_limits<int>::min()};
  for (auto at = objects.lower_bound(first); at != objects.end() && at->first.kind == kind; ++at) {
    const Object& object = at->second;
    if (field.empty())
      values.push_back(object.attributes);
    else if (field == "remote_id")
      values.push_back(object.remote_id);
    else if (object.attributes.contains(field))
      values.push_back(object.attributes.at(field));
  }
  return values;
}

/// A copy in which every $all is replaced by its list.
Json with_lists(const Json& value, const Objects& objects) {
  if (!value.is_structured()) return value;
  if (is_marked(value, "$all")) return all_of(json_string_or(value, "$all"), json_string_or(value, "field"), objects);
  Json copy = value;
  for (auto& part : copy) part = with_lists(part, objects);
  return copy;
}

Json what_is_there(const Json& value, const Objects& objects) {
  if (is_marked(value, "$ref") || is_marked(value, "$one_of")) return resolve_refs(value, objects).value_or(nullptr);
  if (value.is_array()) {
    Json copy = Json::array();
    for (const auto& item : value) {
      Json resolved = what_is_there(item, objects);
      if (!resolved.is_null() || item.is_null()) copy.push_back(std::move(resolved));
    }
    return copy;
  }
  if (!value.is_object()) return value;
  Json copy = Json::object();
  for (const auto& [key, member] : value.items()) copy[key] = what_is_there(member, objects);
  return copy;
}

}  // namespace

Result<Attributes> resolve_for_making(const Attributes& attributes, const Objects& objects) {
  return resolve_refs(with_lists(attributes, objects), objects);
}

Attributes resolve_what_is_there(const Attributes& attributes, const Objects& objects) {
  return what_is_there(with_lists(attributes, objects), objects);
}

}  // namespace skep
