#include "cli/render/reference.h"

#include <algorithm>

#include "planner/base/text.h"

namespace skep {

namespace {

const char* meaning_of(OnChange change) {
  switch (change) {
    case OnChange::update:
      return "in place";
    case OnChange::disrupt:
      return "in place, drained first";
    case OnChange::replace:
      return "replaces";
    case OnChange::next_time:
      return "at the next replacement";
    case OnChange::grows:
      return "in place, only upwards";
    case OnChange::fixed:
      return "refused";
    case OnChange::ignore:
      return "";
  }
  return "";
}

/// A | would end the cell, a line end the row.
std::string cell(const std::string& text) { return replace_all(replace_all(text, "|", "\\|"), "\n", " "); }

/// YAML's words for JSON's.
std::string type_word(const std::string& type) {
  if (type == "object") return "mapping";
  if (type == "array") return "list";
  return type;
}

std::string type_text(const Json& schema);

std::string alternatives_text(const Json& list) {
  std::vector<std::string> parts;
  for (const auto& entry : list) {
    const std::string part = type_text(entry);
    if (!part.empty() && std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
  }
  return join(parts, " or ");
}

std::string type_text(const Json& schema) {
  if (!schema.is_object()) return "";
  if (schema.contains("enum")) {
    std::vector<std::string> values;
    for (const auto& value : schema["enum"]) {
      if (!value.is_null())
        values.push_back("`" + (value.is_string() ? value.get<std::string>() : dump_json(value)) + "`");
    }
    return join(values, ", ");
  }
  if (schema.contains("const")) return "`" + dump_json(schema["const"]) + "`";
  for (const auto* key : {"oneOf", "anyOf"}) {
    if (schema.contains(key)) return alternatives_text(schema[key]);
  }
  const Json type = schema.value("type", Json());
  if (type.is_array()) {
    std::vector<std::string> parts;
    for (const auto& part : type) {
      if (part != "null") parts.push_back(type_word(part.get<std::string>()));
    }
    return join(parts, " or ");
  }
  if (type == "array") {
    const std::string items = type_text(schema.value("items", Json()));
    return items.empty() ? "list" : "list of " + items;
  }
  return type.is_string() ? type_word(type.get<std::string>()) : "";
}

void append_keys(const Json& schema, const std::string& path, std::string& rows);

void append_key(const Json& schema, const std::string& path, std::string& rows) {
  std::string doc = json_string_or(schema, "description");
  if (schema.contains("default"))
    doc += (doc.empty() ? "" : " ") + ("Default: `" + dump_json(schema["default"]) + "`.");
  rows += "| `" + path + "` | " + cell(type_text(schema)) + " | " + cell(doc) + " |\n";
  append_keys(schema, path, rows);
}

/// The keys below `schema`, wherever they stand: its own, those of its alternatives, those of a list's entries.
void append_keys(const Json& schema, const std::string& path, std::string& rows) {
  if (!schema.is_object()) return;
  const std::string prefix = path.empty() ? "" : path + ".";
  if (schema.contains("properties")) {
    for (const auto& [key, child] : schema["properties"].items()) append_key(child, prefix + key, rows);
  }
  if (schema.contains("patternProperties")) {
    for (const auto& [pattern, child] : schema["patternProperties"].items()) {
      if (pattern.starts_with("^x-")) continue;
      append_keys(child, prefix + "NAME", rows);
    }
  }
  if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object()) {
    append_keys(schema["additionalProperties"], prefix + "NAME", rows);
  }
  for (const auto* key : {"oneOf", "anyOf"}) {
    if (!schema.contains(key)) continue;
    for (const auto& child : schema[key]) append_keys(child, path, rows);
  }
  if (schema.contains("items")) append_keys(schema["items"], path + "[]", rows);
}

}  // namespace

std::string spec_markdown(const Json& schema) {
  std::string text =
      "# The spec\n\nGenerated from the table that checks specs, by `skep docs docs`; do not edit. For your editor: "
      "`skep schema > skep.schema.json`.\n\n"
      "`${VAR}`, `${VAR:-default}`, `${VAR:?message}` and `$$` work in values as in Compose files; anchors, aliases "
      "and "
      "`<<` merges work; top-level keys that begin with `x-` are your own. Several `-f` files are merged: maps deeply, "
      "lists replaced, `null` takes a key away.\n\n| key | type | |\n|---|---|---|\n";
  append_keys(schema, "", text);
  return text;
}

std::string kinds_markdown(const std::vector<const Schema*>& schemas) {
  std::string text =
      "# Kinds of resources\n\nGenerated from the schemas of the drivers, by `skep docs docs`; do not edit.\n\n"
      "Everything that skep manages is a resource of one of these kinds. You never write them: the spec expands into "
      "them, and plans and `skep state show` name their fields. The second column says what a change of the field "
      "means.\n";
  for (const auto* schema : schemas) {
    text += "\n## " + schema->driver + "\n\n" + schema->doc + "\n";
    if (schema->holds_data) text += "\nIt holds data: destroying it loses them.\n";
    if (!schema->inputs.empty()) text += "\n| wanted | a change | |\n|---|---|---|\n";
    for (const auto& field : schema->inputs) {
      text += "| `" + field.name + "` | " + meaning_of(field.on_change) + " | " + cell(field.doc) +
              (field.required ? " Required." : "") + (field.secret ? " Secret." : "") + " |\n";
    }
    if (!schema->outputs.empty()) text += "\n| reported | |\n|---|---|\n";
    for (const auto& field : schema->outputs) text += "| `" + field.name + "` | " + cell(field.doc) + " |\n";
  }
  return text;
}

}  // namespace skep
