#include "planner/model/schema.h"

#include <algorithm>

namespace skep {

namespace {

Error bug(const Resource& resource, const Schema& schema, const std::string& what) {
  return {.code = ErrorCode::internal,
          .message = to_text(resource.id) + ": " + schema.driver + ": " + what,
          .hint = "this is a bug in skep: please report it with the spec"};
}

}  // namespace

const Field* Schema::input(std::string_view name) const {
  const auto found = std::ranges::find(inputs, name, &Field::name);
  return found == inputs.end() ? nullptr : &*found;
}

Result<void> check_inputs(const Resource& resource, const Schema& schema) {
  if (!resource.inputs.is_object()) return bug(resource, schema, "its inputs are no object");
  for (const auto& [name, value] : resource.inputs.items()) {
    if (!schema.input(name)) return bug(resource, schema, "unknown input \"" + name + "\"");
  }
  for (const auto& field : schema.inputs) {
    if (!field.required) continue;
    const auto found = resource.inputs.find(field.name);
    if (found == resource.inputs.end() || found->is_null())
      return bug(resource, schema, "the required input \"" + field.name + "\" is missing");
  }
  return {};
}

}  // namespace skep
