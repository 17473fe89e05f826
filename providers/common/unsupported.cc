#include "providers/common/unsupported.h"

#include <fmt/format.h>

#include <algorithm>

#include "providers/common/pool_checks.h"

namespace skep {

std::vector<Problem> cloud_only_problems(const Spec& spec, std::string_view provider) {
  std::vector<Problem> problems;
  const auto pools = pools_of(spec, provider);
  if (spec.firewall.asks_for_something()) {
    auto problem = problem_at(spec, "firewall", fmt::format("firewall: provider {} has no firewall", provider),
                              "take the key out, and mind who reaches the machines");
    if (pools.size() < spec.pools.size()) problem.severity = Problem::Severity::warning;
    problems.push_back(std::move(problem));
  }
  for (const auto& [name, balancer] : spec.load_balancers) {
    const bool is_here = std::ranges::any_of(pools, [&](const PoolSpec* pool) { return pool->name == balancer.pool; });
    if (!is_here) continue;
    const std::string path = fmt::format("load_balancers.{}.pool", name);
    problems.push_back(problem_at(
        spec, path,
        fmt::format("{}: provider {} has no load balancers, and pool {} is its", path, provider, balancer.pool),
        "take it out: every node answers on the ports that services publish"));
  }
  for (const auto& [name, record] : spec.dns_records) {
    if (pool_at(spec, provider, pool_behind(spec, record)) == nullptr) continue;
    const std::string path = "dns_records." + name;
    problems.push_back(problem_at(spec, path, fmt::format("{}: provider {} makes no DNS records", path, provider),
                                  "take it out, and have the name lead there yourself"));
  }
  for (const PoolSpec* pool : pools) {
    if (pool->backups) {
      const std::string path = fmt::format("pools.{}.backups", pool->name);
      problems.push_back(problem_at(spec, path, fmt::format("{}: provider {} makes no backups", path, provider),
                                    "take the key out, and back the machines up yourself"));
    }
    const auto refuse_list = [&](const char* key, const std::vector<std::string>& others) {
      if (others.empty()) return;
      const std::string path = fmt::format("pools.{}.{}", pool->name, key);
      problems.push_back(problem_at(spec, path, fmt::format("{}: provider {} tries nothing in turn", path, provider),
                                    "name one, or take the key out"));
    };
    refuse_list("location", pool->other_locations);
    refuse_list("type", pool->other_types);
  }
  return problems;
}

}  // namespace skep
