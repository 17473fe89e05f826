#include "planner/model/spec.h"

#include <utility>

namespace skep {

Problem problem_at(const Spec& spec, std::string_view path, std::string message, std::string hint) {
  Problem problem;
  problem.hint = std::move(hint);
  const bool has_path = path.empty() || message.starts_with(path);
  problem.message = has_path ? std::move(message) : std::string(path) + ": " + message;
  std::string nearest(path);
  while (true) {
    const auto found = spec.places.find(nearest);
    if (found != spec.places.end()) {
      problem.place = found->second;
      return problem;
    }
    if (nearest.empty()) return problem;  // a spec made by hand, without places
    const auto dot = nearest.rfind('.');
    nearest.resize(dot == std::string::npos ? 0 : dot);
  }
}

std::vector<const PoolSpec*> pools_of(const Spec& spec, std::string_view provider) {
  std::vector<const PoolSpec*> found;
  for (const auto& [name, pool] : spec.pools) {
    if (pool.provider == provider) found.push_back(&pool);
  }
  return found;
}

}  // namespace skep
