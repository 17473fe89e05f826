// Names with * as people give them to --only, --except and -replace. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/base/result.h"
#include "planner/model/resource.h"

namespace skep {

/// Whether `text` is `pattern`, in which each * stands for any run of characters. Linear in the length of both, but for
/// what follows a *: no pattern takes exponential time.
bool is_match(std::string_view pattern, std::string_view text);

/// What a pattern is held against: "server/worker-1", also with its generation, "worker-1", "worker", "server".
struct Names {
  std::string id;
  std::string id_with_generation;
  std::string node;
  std::string pool;  // empty where patterns of this flag do not name pools and kinds
  std::string kind;

  bool any_is(std::string_view pattern) const;
};

/// Errors: invalid_input when a pattern matches none of `all`, with the name that may be meant.
Result<void> check_patterns(std::string_view flag, std::span<const std::string> patterns, std::span<const Names> all);

bool any_matches(std::span<const std::string> patterns, const Names& names);

}  // namespace skep
