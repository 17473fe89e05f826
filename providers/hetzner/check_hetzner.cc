#include "providers/hetzner/check_hetzner.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "planner/base/text.h"
#include "providers/hetzner/firewall_rules.h"
#include "providers/hetzner/hetzner.h"
#include "providers/hetzner/labels.h"
#include "providers/hetzner/places.h"

namespace skep::hetzner {

namespace {

constexpr std::uint64_t gb = 1'000'000'000;
constexpr std::uint64_t volume_gb_least = 10;
constexpr std::uint64_t volume_gb_most = 10'240;
constexpr int prefix_most = 24;
constexpr std::size_t generation_room = 5;  // "-g999"

class Checker {
 public:
  explicit Checker(const Spec& spec) : spec_(spec) {}

  void check_network();
  void check_firewall();
  void check_login();
  void check_neighbours();
  void check_endpoint();
  void check_pool(const PoolSpec& pool);
  void check_names();
  std::vector<Problem> problems() && { return std::move(problems_); }

 private:
  void refuse(const std::string& path, const std::string& message, const std::string& hint) {
    problems_.push_back(problem_at(spec_, path, path + ": " + message, hint));
  }
  void check_locations(const PoolSpec& pool, const std::string& path);
  void check_location(const std::string& location, const std::string& path);
  void check_volumes(const PoolSpec& pool);
  void check_name(const std::string& path, const std::string& name);

  const Spec& spec_;
  std::vector<Problem> problems_;
  std::set<std::string> volume_names_;
};

void Checker::check_network() {
  const std::string& text = spec_.network.range;
  if (text.empty()) return;
  const auto range = parse_range(text);
  if (range && is_private(*range) && range->prefix <= prefix_most) return;
  refuse("network.range",
         fmt::format("hetzner needs a private IPv4 range of at least a /{}, not '{}'", prefix_most, text),
         fmt::format("leave it out for {}, or write one like 10.0.0.0/16", usual_range));
}

void Checker::check_firewall() {
  const std::size_t count = wanted_rules(spec_.firewall).size();
  if (count > rules_most) {
    refuse("firewall", fmt::format("a firewall at hetzner takes {} rules, these make {}", rules_most, count),
           "join ports to ranges such as 8000-8010");
  }
}

void Checker::check_login() {
  if (spec_.ssh.port == 22) return;
  refuse("ssh.port", "servers at hetzner listen on port 22 at their first boot", "take the key out");
}

/// The private network ends at the provider's door.
void Checker::check_neighbours() {
  for (const auto& [name, pool] : spec_.pools) {
    if (pool.provider == hetzner_provider_name || pool.provider.empty()) continue;
    refuse("pools." + name + ".provider",
           fmt::format("machines of {} are not in the private network of those at hetzner", pool.provider),
           "give them a cluster of their own");
  }
}

/// The token goes there: over the open internet only in a sealed envelope.
void Checker::check_endpoint() {
  const auto endpoint = spec_.endpoints.find(hetzner_provider_name);
  if (endpoint == spec_.endpoints.end() || !endpoint->second.starts_with("http://")) return;
  const std::string host = endpoint->second.substr(7, endpoint->second.find_first_of(":/", 7) - 7);
  if (host == "localhost" || host.starts_with("127.")) return;
  refuse("endpoints.hetzner", "the token would travel in the clear to " + host, "use https://");
}

void Checker::check_locations(const PoolSpec& pool, const std::string& path) {
  if (pool.location.empty()) {
    return refuse(path + ".location", "a pool at hetzner needs a location", "one of " + join(location_names(), ", "));
  }
  check_location(pool.location, path);
  for (const auto& location : pool.other_locations) check_location(location, path);
  if (!pool.other_locations.empty() && !pool.volumes.empty()) {
    refuse(path + ".location", "volumes at hetzner stay in one location, and so do their servers", "name one location");
  }
}

void Checker::check_location(const std::string& location, const std::string& path) {
  if (zone_of(location)) return;
  const auto names = location_names();
  const auto meant = closest(location, names);
  refuse(
      path + ".location",
      fmt::format("hetzner has no location '{}'{}", location, meant ? fmt::format(", did you mean '{}'?", *meant) : ""),
      "one of " + join(names, ", "));
}

/// Hetzner takes 63 characters for a name.
void Checker::check_name(const std::string& path, const std::string& name) {
  const std::string whole = remote_name(spec_.name, {machine_kind, name});
  if (whole.size() + generation_room <= label_length_most) return;
  refuse(path, fmt::format("'{}' is too long a name for hetzner", whole),
         fmt::format("cluster, node and volume together may have {} characters", label_length_most - generation_room));
}

void Checker::check_volumes(const PoolSpec& pool) {
  for (const auto& [name, volume] : pool.volumes) {
    const std::string path = fmt::format("pools.{}.volumes.{}", pool.name, name);
    if (volume.size_bytes < volume_gb_least * gb || volume.size_bytes > volume_gb_most * gb) {
      refuse(path + ".size", fmt::format("volumes at hetzner have {} to {} GB", volume_gb_least, volume_gb_most),
             "choose a size within");
    }
    for (const auto& node : pool.nodes) {
      const std::string full_name = node.name + "-" + name;
      check_name(path, full_name);
      if (!volume_names_.insert(full_name).second) {
        refuse(path, fmt::format("another volume is called {} as well, as node and volume together", full_name),
               "rename the volume");
      }
    }
  }
}

void Checker::check_pool(const PoolSpec& pool) {
  const std::string path = "pools." + pool.name;
  check_locations(pool, path);
  if (pool.type.empty()) {
    refuse(path + ".type", "a pool at hetzner needs a server type", "such as type: cx23; skep plan says what there is");
  }
  for (const auto& node : pool.nodes) {
    const std::string node_path = pool.named ? fmt::format("{}.nodes.{}", path, node.name) : path;
    check_name(node_path, node.name);
    if (!node.address.empty() || !node.private_address.empty() || !node.host_key.empty() || !node.user.empty() ||
        node.port != 0) {
      refuse(node_path, "addresses, keys and users of servers at hetzner are not written by hand",
             "for a machine that exists already, use a pool with provider: existing");
    }
  }
  check_volumes(pool);
}

void Checker::check_names() {
  for (const auto& [name, floating] : spec_.floating_ips) check_name("floating_ips." + name, name);
  for (const auto& [name, balancer] : spec_.load_balancers) {
    check_name("load_balancers." + name, name);
    for (const auto& listen : balancer.listen) {
      if (listen.protocol != "https") continue;
      refuse("load_balancers." + name, "skep brings no certificates to load balancers",
             "use protocol: tcp, and let the service behind it speak TLS");
    }
  }
}

}  // namespace

std::vector<Problem> check_hetzner(const Spec& spec) {
  const auto pools = pools_of(spec, hetzner_provider_name);
  if (pools.empty()) return {};
  Checker checker(spec);
  checker.check_network();
  checker.check_firewall();
  checker.check_login();
  checker.check_neighbours();
  checker.check_endpoint();
  for (const PoolSpec* pool : pools) checker.check_pool(*pool);
  checker.check_names();
  return std::move(checker).problems();
}

}  // namespace skep::hetzner
