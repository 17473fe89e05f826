#include "planner/engine/choose.h"

#include <algorithm>

namespace skep {

namespace {

bool is_holder(const Object& object, const std::string& field, const Json& held) {
  if (field == "remote_id") return held == Json(object.remote_id);
  return held == (field.empty() ? object.attributes : json_member(object.attributes, field));
}

// The text of the candidate that is taken; null when there is none to choose from.
Json choice(const Json& value, const Json& held, const CandidateLookup& lookup) {
  const Json& candidates = value.at("$one_of");
  if (!candidates.is_array() || candidates.empty()) return nullptr;
  const std::string field = json_string_or(value, "field");
  const Json* best = nullptr;
  std::pair<int, bool> least;  // the burden, then whether it would have to move
  for (const auto& text : candidates) {
    const auto id = text.is_string() ? parse_resource_id(text.get<std::string>()) : std::nullopt;
    const Candidate candidate = id ? lookup(*id) : Candidate{};
    if (!candidate.object || !candidate.stays || !candidate.is_usable) continue;
    const bool moves = held.is_null() || !is_holder(*candidate.object, field, held);
    if (best && std::pair(candidate.burden, moves) >= least) continue;
    best = &text;
    least = {candidate.burden, moves};
  }
  return best ? *best : candidates.front();
}

Json kept_or_first(const Json& values, const Json& held) {
  if (!values.is_array() || values.empty()) return nullptr;
  return std::ranges::find(values, held) == values.end() ? values.front() : held;
}

void walk(Json& value, const Json& applied, const Json& reported, const CandidateLookup& lookup) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      walk(value[i], json_item(applied, i), json_item(reported, i), lookup);
  } else if (value.is_object() && value.contains("$one_of")) {
    Json chosen = choice(value, reported.is_null() ? applied : reported, lookup);
    if (chosen.is_null()) {
      value = nullptr;
      return;
    }
    value.erase("$one_of");
    value["$ref"] = std::move(chosen);
  } else if (value.is_object() && value.contains("$any_of")) {
    Json chosen = kept_or_first(value.at("$any_of"), reported.is_null() ? applied : reported);
    value = std::move(chosen);
  } else if (value.is_object()) {
    for (auto& [key, part] : value.items()) walk(part, json_member(applied, key), json_member(reported, key), lookup);
  }
}

}  // namespace

bool holds_choice(const Attributes& inputs) {
  if (inputs.is_object() && (inputs.contains("$one_of") || inputs.contains("$any_of"))) return true;
  return inputs.is_structured() && std::ranges::any_of(inputs, [](const Json& part) { return holds_choice(part); });
}

void make_choices(Attributes& inputs, const Attributes& applied, const Attributes& reported,
                  const CandidateLookup& lookup) {
  walk(inputs, applied, reported, lookup);
}

}  // namespace skep
