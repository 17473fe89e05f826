#include "planner/model/refs.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "planner/base/digest.h"

namespace skep {

namespace {

/// The value of `key` when `value` is an object that holds it; each reference is such an object.
const Json* marker(const Json& value, const char* key) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(key);
  return found == value.end() ? nullptr : &*found;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : dump_json(value); }

Error not_found(const std::string& reference, const std::string& why) {
  return {.code = ErrorCode::not_found, .message = "reference to " + reference + ": " + why};
}

/// Calls `visit` with the text of every id that a $ref or a $one_of in `value` names.
template <class Value, class Visit>
void for_each_id(Value& value, const Visit& visit) {
  if (!value.is_structured()) return;
  if (value.is_object()) {
    if (const auto ref = value.find("$ref"); ref != value.end()) return visit(*ref);
    if (const auto choice = value.find("$one_of"); choice != value.end()) {
      if (!choice->is_array()) return visit(*choice);
      for (auto& id : *choice) visit(id);
      return;
    }
  }
  for (auto& member : value) for_each_id(member, visit);
}

Result<Json> field_of(const Object& object, const std::string& reference, const std::string& field) {
  if (field.empty()) return object.attributes;
  if (field == "remote_id") return Json(object.remote_id);
  const auto found = object.attributes.find(field);
  if (found == object.attributes.end()) return not_found(reference, "it reports no field \"" + field + "\"");
  return *found;
}

Result<Json> resolve_ref(const Json& target, const std::string& field, const Objects& objects) {
  const std::string reference = text_of(target);
  const auto id = parse_resource_id(reference);
  if (!id) return not_found(reference, "not the form KIND/NAME");
  const auto found = objects.find(*id);
  if (found == objects.end()) return not_found(reference, "it does not exist");
  return field_of(found->second, reference, field);
}

Result<Json> resolve_all(const Json& kind, const std::string& field, const Objects& objects) {
  Json values = Json::array();
  const std::string name = text_of(kind);
  auto at = objects.lower_bound({.kind = name, .name = "", .generation = std::numeric_limits<int>::min()});
  for (; at != objects.end() && at->first.kind == name; ++at) {
    values.push_back(TRY(field_of(at->second, to_text(at->first), field)));
  }
  return values;
}

/// A copy of `value` in which `replace` has replaced every object that it wants to: it answers nullopt for the others.
template <class Replace>
Result<Json> rebuilt(const Json& value, const Replace& replace) {
  if (value.is_array()) {
    Json copy = Json::array();
    for (const auto& item : value) copy.push_back(TRY(rebuilt(item, replace)));
    return copy;
  }
  if (!value.is_object()) return value;
  if (auto other = TRY(replace(value)); other) return std::move(*other);
  Json copy = Json::object();
  for (const auto& [key, member] : value.items()) copy[key] = TRY(rebuilt(member, replace));
  return copy;
}

using Replaced = Result<std::optional<Json>>;

}  // namespace

std::vector<ResourceId> referenced(const Attributes& attributes) {
  std::vector<ResourceId> ids;
  std::set<ResourceId> seen;
  for_each_id(attributes, [&](const Json& text) {
    auto id = parse_resource_id(text_of(text));
    if (id && seen.insert(*id).second) ids.push_back(std::move(*id));
  });
  return ids;
}

void rename_references(Attributes& attributes, const std::function<ResourceId(const ResourceId&)>& rename) {
  for_each_id(attributes, [&](Json& text) {
    if (const auto id = parse_resource_id(text_of(text)); id) text = to_text(rename(*id));
  });
}

Result<Attributes> resolve_refs(const Attributes& attributes, const Objects& objects) {
  return rebuilt(attributes, [&](const Json& value) -> Replaced {
    const std::string field = json_string_or(value, "field");
    if (const Json* target = marker(value, "$ref")) return std::optional(TRY(resolve_ref(*target, field, objects)));
    if (const Json* kind = marker(value, "$all")) return std::optional(TRY(resolve_all(*kind, field, objects)));
    if (const Json* choice = marker(value, "$one_of")) {
      return Error{.code = ErrorCode::internal,
                   .message = "the plan left a choice open: $one_of " + dump_json(*choice),
                   .hint = "this is a bug in skep: please report it with the plan"};
    }
    return std::optional<Json>();
  });
}

Result<WithSecrets> resolve_secrets(const Attributes& attributes, const SecretSource& source) {
  WithSecrets result;
  result.attributes = TRY(rebuilt(attributes, [&](const Json& value) -> Replaced {
    const Json* name = marker(value, "$secret");
    if (!name) return std::optional<Json>();
    Secret secret = TRY(source(text_of(*name)));
    Json clear = secret.reveal();
    result.secrets.push_back(std::move(secret));
    return std::optional(std::move(clear));
  }));
  return result;
}

Attributes with_secret_digests(const Attributes& attributes, const SecretSource& source, std::string_view digest_key) {
  auto copy = rebuilt(attributes, [&](const Json& value) -> Replaced {
    const Json* name = marker(value, "$secret");
    if (!name) return std::optional<Json>();
    const auto secret = source(text_of(*name));
    const std::string digest = secret.ok() ? keyed_digest_hex(digest_key, secret.value().reveal()) : "unknown";
    return std::optional(Json{{"$secret", text_of(*name)}, {"digest", digest}});
  });
  return std::move(copy).value();  // the replacement above never fails
}

std::string redact(std::string text, std::span<const Secret> secrets) {
  constexpr std::size_t shortest = 4;
  std::vector<std::pair<std::size_t, std::size_t>> found;  // begin and end; secrets may overlap or hold one another
  for (const auto& secret : secrets) {
    const std::string& clear = secret.reveal();
    if (clear.size() < shortest) continue;
    for (auto at = text.find(clear); at != std::string::npos; at = text.find(clear, at + 1))
      found.emplace_back(at, at + clear.size());
  }
  if (found.empty()) return text;
  std::ranges::sort(found);
  std::string clean;
  std::size_t done = 0;  // up to where `text` is dealt with
  for (const auto& [begin, end] : found) {
    if (begin >= done) clean.append(text, done, begin - done).append("***");
    done = std::max(done, end);
  }
  return clean.append(text, done);
}

}  // namespace skep
