// The JSON Schema of the spec, for editors: made from the table of keys that the checker uses.
#include <string>
#include <utility>

#include "planner/model/load_spec.h"
#include "planner/model/spec_formats.h"
#include "planner/model/spec_keys.h"
#include "planner/model/spec_shape.h"

namespace skep {

namespace {

using model::Format;
using model::Key;
using model::KeyNode;
using model::Shape;

Json schema_of(const KeyNode& node, bool may_be_null);

std::string pattern_of(Format format) { return std::string(model::rule_of(format).pattern); }

std::string documentation(const Key& key) {
  std::string text(key.doc);
  if (key.details.later) text += " Not supported yet.";
  if (!key.details.values_later.empty()) {
    text += " Not supported yet:";
    for (const auto& value : model::alternatives(key.details.values_later)) text += " " + std::string(value);
    text += ".";
  }
  return text;
}

// A default is written in the table as one would write it in YAML.
Json default_of(const Key& key) {
  const std::string text(key.details.initial);
  if (key.shape == Shape::integer || key.shape == Shape::number_or_text) return std::stol(text);
  if (key.shape == Shape::boolean) return text == "true";
  return text;
}

Json text_schema(Format format) { return {{"type", "string"}, {"pattern", pattern_of(format)}}; }

void add_keys(const KeyNode& node, Json& schema) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const auto& [name, child] : node.children) {
    const bool is_required = child.key->details.required;
    properties[std::string(name)] = schema_of(child, !is_required);
    if (is_required) required.push_back(name);
  }
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
}

void add_names(const KeyNode& node, Json& schema) {
  schema["patternProperties"] = {{pattern_of(node.key->details.format), schema_of(*node.each, false)}};
  schema["additionalProperties"] = false;
}

void add_text(const Key& key, bool may_be_null, Json& schema) {
  if (key.details.values.empty()) {
    schema["pattern"] = pattern_of(key.details.format);
    return;
  }
  schema["enum"] = Json::array();
  for (const auto& value : model::alternatives(key.details.values)) schema["enum"].push_back(value);
  if (may_be_null) schema["enum"].push_back(nullptr);
}

// The types that the shape allows, and what else belongs to it.
Json add_shape(const KeyNode& node, bool may_be_null, Json& schema) {
  const Key& key = *node.key;
  switch (key.shape) {
    case Shape::map:
      add_keys(node, schema);
      return {"object"};
    case Shape::names:
      add_names(node, schema);
      return {"object"};
    case Shape::list:
      schema["items"] = schema_of(*node.each, false);
      return {"array"};
    case Shape::names_or_list:
      add_names(node, schema);
      schema["items"] = text_schema(key.details.format);
      return {"object", "array"};
    case Shape::text:
      add_text(key, may_be_null, schema);
      return {"string"};
    case Shape::text_or_list:
      schema["pattern"] = pattern_of(key.details.format);
      schema["items"] = text_schema(key.details.format);
      return {"string", "array"};
    case Shape::integer:
      schema["minimum"] = key.details.minimum;
      schema["maximum"] = key.details.maximum;
      return {"integer"};
    case Shape::boolean:
      return {"boolean"};
    case Shape::label:
      schema["pattern"] = pattern_of(Format::label_value);
      return {"string", "number", "boolean"};
    case Shape::number_or_text:
      schema["pattern"] = pattern_of(key.details.format);
      schema["minimum"] = key.details.minimum;
      schema["maximum"] = key.details.maximum;
      return {"integer", "string"};
    case Shape::free_map:
      return {"object"};
  }
  return Json::array();
}

Json schema_of(const KeyNode& node, bool may_be_null) {
  const Key& key = *node.key;
  Json schema = {{"description", documentation(key)}};
  if (!key.details.initial.empty()) schema["default"] = default_of(key);
  Json types = add_shape(node, may_be_null, schema);
  if (may_be_null) types.push_back("null");  // takes away what an earlier file says
  schema["type"] = types.size() == 1 ? types[0] : std::move(types);
  if (key.path == "pools.*")
    schema["not"] = {{"required", {"count", "nodes"}},
                     {"properties", {{"count", {{"type", "integer"}}}, {"nodes", {{"type", {"object", "array"}}}}}}};
  return schema;
}

}  // namespace

Json spec_schema() {
  Json schema = schema_of(model::spec_key_tree(), false);
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "skep cluster spec";
  schema["patternProperties"] = {{"^x-", Json::object()}};
  return schema;
}

}  // namespace skep
