#include "planner/model/spanning.h"

#include <algorithm>

namespace skep {

bool spans_providers(const Spec& spec) {
  return std::ranges::any_of(
      spec.pools, [&](const auto& entry) { return entry.second.provider != spec.pools.begin()->second.provider; });
}

}  // namespace skep
