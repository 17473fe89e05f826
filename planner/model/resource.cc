#include "planner/model/resource.h"

#include <algorithm>
#include <charconv>

namespace skep {

namespace {

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

bool is_id_word(std::string_view word) { return !word.empty() && std::ranges::all_of(word, is_id_character); }

// Only the spelling that to_text() gives: "@2" and up, no zeros in front. So one id has one text.
std::optional<int> parse_generation(std::string_view digits) {
  int generation = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), generation);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (digits.front() == '0' || generation < 2) return std::nullopt;
  return generation;
}

}  // namespace

std::string to_text(const ResourceId& id) {
  std::string text = id.kind + "/" + id.name;
  if (id.generation != 1) text += "@" + std::to_string(id.generation);
  return text;
}

std::optional<ResourceId> parse_resource_id(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  ResourceId id;
  std::string_view name = text.substr(slash + 1);
  if (const auto at = name.find('@'); at != std::string_view::npos) {
    const auto digits = name.substr(at + 1);
    const auto generation = digits.empty() ? std::nullopt : parse_generation(digits);
    if (!generation) return std::nullopt;
    id.generation = *generation;
    name = name.substr(0, at);
  }
  const std::string_view kind = text.substr(0, slash);
  if (!is_id_word(kind) || !is_id_word(name)) return std::nullopt;
  id.kind = kind;
  id.name = name;
  return id;
}

}  // namespace skep
