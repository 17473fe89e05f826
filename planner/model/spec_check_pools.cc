// Rules about pools: how many nodes, which roles, which names.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "planner/base/text.h"
#include "planner/model/spec_check.h"
#include "planner/model/spec_read.h"

namespace skep::model {

namespace {

bool is_written(const Tree& pool, std::string_view key) {
  const Tree* value = pool.find(key);
  return value && value->kind != Tree::Kind::null;
}

// The key that says how many nodes the pool has.
std::string size_path(const PoolSpec& pool) { return "pools." + pool.name + (pool.named ? ".nodes" : ".count"); }

// Several types or locations are tried in turn: the same one twice is a slip.
void check_choice(const std::string& path, const std::string& first, const std::vector<std::string>& others,
                  Findings& findings) {
  std::set<std::string_view> seen = {first};
  for (const auto& one : others) {
    if (!seen.insert(one).second) findings.error_at(path, "names '" + one + "' twice", "take one out");
  }
}

void check_pool(const Tree& tree, const PoolSpec& pool, Findings& findings) {
  const std::string path = "pools." + pool.name;
  const bool has_count = is_written(tree, "count");
  const bool has_nodes = is_written(tree, "nodes");
  if (has_count && has_nodes)
    findings.error_at(path + ".nodes", "stands beside 'count': a pool has one or the other",
                      "nodes names the machines, count numbers them");
  if (!has_count && !has_nodes)
    findings.error_at(path, "says neither 'count' nor 'nodes'", "add count: 3, or nodes: [NAME, NAME]");
  if (pool.provider == "existing" && has_count && !has_nodes) {
    findings.error_at(path + ".count", "machines of provider existing are named, not counted",
                      "write nodes: {NAME: {address: ADDRESS, host_key: KEY}}");
  }
  check_choice(path + ".location", pool.location, pool.other_locations, findings);
  check_choice(path + ".type", pool.type, pool.other_types, findings);
  const bool is_manager = pool.role == Role::manager;
  if (pool.spread && pool.nodes.size() == 1)
    findings.warning_at(path + ".spread", "there is nothing to spread in a pool of 1 node");
  if (pool.spread && is_manager && pool.nodes.size() == 2)
    findings.warning_at(path + ".spread", "managers in two places: the loss of one place can take the majority",
                        "spread 3 managers over 3 places");
}

// One problem for all pools: they lack the same line.
void check_providers(const Tree& tree, const Tree& pools, Findings& findings) {
  if (is_written(tree, "provider")) return;
  std::vector<std::string> lacking;
  for (const auto& pool : pools.members) {
    if (pool.value.kind == Tree::Kind::map && !is_written(pool.value, "provider")) lacking.push_back(pool.key);
  }
  if (lacking.empty()) return;
  const std::string others =
      lacking.size() == 1 ? "" : " (" + count_of(lacking.size() - 1, "other pool") + " likewise)";
  findings.error_at("pools." + lacking.front(), "has no provider, and neither has the whole spec" + others,
                    "add provider: local at the top");
}

std::string why_not(std::size_t managers) {
  if (managers == 0) return "a swarm needs at least one manager";
  if (managers == 2)
    return "two managers are more fragile than one: both are needed for a majority, so the failure of either stops "
           "the swarm's control";
  if (managers > 7) return "more than 7 managers make the swarm slower, because a majority confirms every change";
  return std::to_string(managers) + " managers survive the failure of " + std::to_string((managers - 1) / 2) +
         ", no more than " + std::to_string(managers - 1) + " do";
}

std::string instead(std::size_t managers) {
  if (managers == 0) return "give a pool role: manager, with 1, 3, 5 or 7 nodes";
  if (managers > 7) return "use 7 managers or fewer, and workers for the rest";
  return "use " + std::to_string(managers - 1) + " or " + std::to_string(managers + 1);
}

// swarm: an odd number, because an even one adds a machine and no safety.
void check_manager_count(const Spec& spec, Findings& findings) {
  std::vector<const PoolSpec*> pools;
  std::vector<std::string> parts;
  std::size_t managers = 0;
  for (const auto& [name, pool] : spec.pools) {
    if (pool.role != Role::manager) continue;
    pools.push_back(&pool);
    parts.push_back(std::to_string(pool.nodes.size()) + " in " + name);
    managers += pool.nodes.size();
  }
  const bool is_fine = managers == 1 || managers == 3 || managers == 5 || managers == 7;
  if (is_fine) {
    for (const auto* pool : pools) {
      if (pool->nodes.empty())
        findings.error_at(size_path(*pool), "a pool with role: manager needs at least 1 node",
                          "take the pool out, or make it a worker pool");
    }
    return;
  }
  std::string message = count_of(managers, "manager");
  if (parts.size() > 1) message += " (" + join(parts, ", ") + ")";
  findings.error_at(pools.empty() ? "pools" : size_path(*pools.back()), message + ": " + why_not(managers),
                    instead(managers));
}

void check_node_names(const Spec& spec, Findings& findings) {
  std::map<std::string_view, const PoolSpec*> owners;
  for (const auto& [name, pool] : spec.pools) {
    bool is_reported = false;
    for (const auto& node : pool.nodes) {
      const std::string path = pool.named ? size_path(pool) + "." + node.name : size_path(pool);
      if (node.name.size() > 63 && !is_reported) {
        is_reported = true;
        findings.error_at("pools." + name, "its node names such as '" + node.name + "' are longer than 63 characters",
                          "a host name has at most 63: shorten the pool's name");
      }
      const auto [owner, is_new] = owners.emplace(node.name, &pool);
      if (is_new || is_reported) continue;
      is_reported = !pool.named;  // once for all numbers of a count
      const PoolSpec& other = *owner->second;
      const std::string other_path = other.named ? size_path(other) + "." + node.name : size_path(other);
      const std::string where = findings.line_of(other_path);
      findings.error_at(path,
                        "node '" + node.name + "' stands for the second time" +
                            (&other == &pool ? "" : ", pool " + other.name + " has one of that name") +
                            (where.empty() || &other == &pool ? "" : " (" + where + ")"),
                        "node names are unique in the cluster");
    }
  }
}

}  // namespace

void check_pools(const Tree& tree, const Spec& spec, Findings& findings) {
  const Tree* pools = tree.good("pools");
  if (!pools) return;
  if (pools->members.empty()) {
    findings.error_at("pools", "is empty: a cluster needs machines", "add manager: {role: manager, count: 3}");
    return;
  }
  check_providers(tree, *pools, findings);
  for (const auto& [name, spot, value] : pools->members) {
    const auto pool = spec.pools.find(name);
    if (pool != spec.pools.end()) check_pool(value, pool->second, findings);
  }
  if (are_pools_whole(tree)) check_manager_count(spec, findings);
  check_node_names(spec, findings);
}

}  // namespace skep::model
