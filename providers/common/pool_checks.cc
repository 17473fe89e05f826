#include "providers/common/pool_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "planner/base/text.h"
#include "planner/model/resource.h"

namespace skep {

std::string path_of(const PoolSpec& pool, const NodeSpec& node) {
  const std::string path = "pools." + pool.name;
  return pool.named ? fmt::format("{}.nodes.{}", path, node.name) : path;
}

std::vector<Problem> volume_name_problems(const Spec& spec, std::string_view provider) {
  std::vector<Problem> problems;
  std::set<std::string> names;
  for (const PoolSpec* pool : pools_of(spec, provider)) {
    for (const auto& node : pool->nodes) {
      for (const auto& [name, volume] : pool->volumes) {
        const std::string full_name = node.name + "-" + name;
        if (names.insert(full_name).second) continue;
        const std::string path = fmt::format("pools.{}.volumes.{}", pool->name, name);
        problems.push_back(problem_at(
            spec, path,
            fmt::format("{}: another volume is called {} as well, as node and volume together", path, full_name),
            "rename the volume"));
      }
    }
  }
  return problems;
}

std::vector<Problem> hand_written_problems(const Spec& spec, std::string_view provider, const std::string& message) {
  std::vector<Problem> problems;
  for (const PoolSpec* pool : pools_of(spec, provider)) {
    for (const auto& node : pool->nodes) {
      if (node.address.empty() && node.private_address.empty() && node.host_key.empty() && node.user.empty() &&
          node.port == 0) {
        continue;
      }
      const std::string path = path_of(*pool, node);
      problems.push_back(problem_at(spec, path, path + ": " + message,
                                    "for a machine that exists already, use a pool with provider: existing"));
    }
  }
  return problems;
}

std::vector<std::string> machines_of(const PoolSpec& pool) {
  std::vector<std::string> machines;
  for (const auto& node : pool.nodes) machines.push_back(to_text({machine_kind, node.name}));
  std::ranges::sort(machines, natural_less);
  return machines;
}

std::string pool_behind(const Spec& spec, const DnsRecordSpec& record) {
  const auto floating = spec.floating_ips.find(record.floating_ip);
  if (floating != spec.floating_ips.end()) return floating->second.pool;
  const auto balancer = spec.load_balancers.find(record.load_balancer);
  return balancer == spec.load_balancers.end() ? "" : balancer->second.pool;
}

const PoolSpec* pool_at(const Spec& spec, std::string_view provider, const std::string& name) {
  const auto pool = spec.pools.find(name);
  if (pool == spec.pools.end() || pool->second.provider != provider) return nullptr;
  return pool->second.nodes.empty() ? nullptr : &pool->second;
}

}  // namespace skep
