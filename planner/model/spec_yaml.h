// YAML text to a tree with positions: syntax, duplicate keys, anchors and aliases, and limits against hostile input.
// Private to planner/model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "planner/model/spec_findings.h"
#include "planner/model/spec_tree.h"

namespace skep::model {

/// What a spec may hold; more is refused with a problem before it costs time or memory.
inline constexpr std::size_t spec_values_limit = 250'000;  // after aliases were expanded
inline constexpr std::size_t spec_depth_limit = 64;

/// The one document in the file, aliases expanded; `<<` is still a key; null for an empty file. Nothing when there is
/// a problem that makes the rest meaningless, which is then among the findings.
std::optional<Tree> parse_yaml(const Sources& sources, std::uint32_t file, Findings& findings);

}  // namespace skep::model
