#include "planner/engine/patterns.h"

#include <algorithm>
#include <set>

#include "planner/base/text.h"

namespace skep {

bool is_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last * met, and where its run began
  std::size_t run = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      run = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++run;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool Names::any_is(std::string_view pattern) const {
  for (const auto* name : {&id, &id_with_generation, &node, &pool, &kind})
    if (!name->empty() && is_match(pattern, *name)) return true;
  return false;
}

bool any_matches(std::span<const std::string> patterns, const Names& names) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return names.any_is(pattern); });
}

Result<void> check_patterns(std::string_view flag, std::span<const std::string> patterns, std::span<const Names> all) {
  for (const auto& pattern : patterns) {
    if (std::ranges::any_of(all, [&](const Names& names) { return names.any_is(pattern); })) continue;
    std::set<std::string> known;
    for (const auto& names : all) {
      for (const auto* name : {&names.id, &names.node, &names.pool, &names.kind})
        if (!name->empty()) known.insert(*name);
    }
    const std::vector<std::string> candidates(known.begin(), known.end());
    const auto meant = closest(pattern, candidates);
    const std::string kinds_of_names =
        flag == "-replace" ? "a node or a resource such as server/worker-1" : "a node, a pool, a kind or a resource";
    return Error{
        .code = ErrorCode::invalid_input,
        .message = std::string(flag) + " " + pattern + ": nothing has this name",
        .hint = meant ? "did you mean \"" + *meant + "\"?" : "give " + kinds_of_names + "; * stands for any text"};
  }
  return {};
}

}  // namespace skep
