#include "providers/cloud/checks.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "providers/cloud/kind.h"
#include "providers/common/pool_checks.h"

namespace skep::cloud {

void Checker::refuse(const std::string& path, const std::string& message, const std::string& hint) {
  problems_.push_back(problem_at(spec_, path, path + ": " + message, hint));
}

void Checker::warn(const std::string& path, const std::string& message, const std::string& hint) {
  refuse(path, message, hint);
  problems_.back().severity = Problem::Severity::warning;
}

void Checker::refuse_unknown(const std::string& path, const std::string& what, const std::string& name,
                             const std::vector<std::string>& names) {
  const auto meant = closest(name, names);
  refuse(path,
         fmt::format("{} has no {} '{}'{}", facts_.provider, what, name,
                     meant ? fmt::format(", did you mean '{}'?", *meant) : ""),
         "one of " + join(names, ", "));
}

void Checker::add(std::vector<Problem> more) {
  for (auto& problem : more) problems_.push_back(std::move(problem));
}

void Checker::check_what_all_share() {
  check_login();
  check_neighbours();
  check_endpoint();
  for (const PoolSpec* pool : pools_of(spec_, facts_.provider)) check_pool(*pool);
  add(hand_written_problems(
      spec_, facts_.provider,
      fmt::format("addresses, keys and users of servers at {} are not written by hand", facts_.provider)));
  add(volume_name_problems(spec_, facts_.provider));
  check_names();
}

void Checker::check_login() {
  if (spec_.ssh.port == 22) return;
  refuse("ssh.port", fmt::format("servers at {} listen on port 22 at their first boot", facts_.provider),
         "take the key out");
}

/// The private network ends at the provider's door: members elsewhere need addresses that all can reach.
void Checker::check_neighbours() {
  for (const auto& [name, pool] : spec_.pools) {
    if (pool.provider != "local") continue;
    refuse("pools." + name + ".provider",
           fmt::format("machines on this computer cannot be reached by those at {}", facts_.provider),
           "give them a cluster of their own");
  }
}

void Checker::check_endpoint() {
  const auto endpoint = spec_.endpoints.find(facts_.provider);
  if (endpoint == spec_.endpoints.end() || !endpoint->second.starts_with("http://")) return;
  const std::string host = endpoint->second.substr(7, endpoint->second.find_first_of(":/", 7) - 7);
  if (host == "localhost" || host.starts_with("127.")) return;
  refuse("endpoints." + facts_.provider, "the token would travel in the clear to " + host, "use https://");
}

void Checker::check_pool(const PoolSpec& pool) {
  const std::string path = "pools." + pool.name;
  if (pool.type.empty()) {
    refuse(path + ".type", fmt::format("a pool at {} needs a {}", facts_.provider, facts_.type),
           fmt::format("such as type: {}; skep plan says what there is", facts_.usual_type));
  }
  for (const auto& node : pool.nodes) check_name(path_of(pool, node), node.name);
  check_volumes(pool);
}

void Checker::check_name(const std::string& path, const std::string& name) {
  const std::string whole = remote_name(spec_.name, {machine_kind, name});
  if (whole.size() + generation_room <= facts_.name_most) return;
  refuse(path, fmt::format("'{}' is too long a name for {}", whole, facts_.provider),
         fmt::format("cluster, node and volume together may have {} characters", facts_.name_most - generation_room));
}

void Checker::check_volumes(const PoolSpec& pool) {
  for (const auto& [name, volume] : pool.volumes) {
    const std::string path = fmt::format("pools.{}.volumes.{}", pool.name, name);
    if (volume.size_bytes < facts_.volume_gb_least * bytes_per_gb ||
        volume.size_bytes > facts_.volume_gb_most * bytes_per_gb) {
      refuse(
          path + ".size",
          fmt::format("volumes at {} have {} to {} GB", facts_.provider, facts_.volume_gb_least, facts_.volume_gb_most),
          "choose a size within");
    }
    for (const auto& node : pool.nodes) check_name(path, node.name + "-" + name);
  }
}

void Checker::check_names() {
  for (const auto& [name, floating] : spec_.floating_ips) check_name("floating_ips." + name, name);
  for (const auto& [name, balancer] : spec_.load_balancers) check_name("load_balancers." + name, name);
}

}  // namespace skep::cloud
