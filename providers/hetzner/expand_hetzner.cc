#include "providers/hetzner/expand_hetzner.h"

#include <algorithm>
#include <set>

#include "planner/base/digest.h"
#include "planner/base/text.h"
#include "providers/hetzner/firewall_rules.h"
#include "providers/hetzner/hetzner.h"
#include "providers/hetzner/labels.h"
#include "providers/hetzner/places.h"

namespace skep::hetzner {

namespace {

constexpr std::size_t group_limit = 10;
constexpr std::uint64_t bytes_per_gb = 1'000'000'000;
constexpr int network_mtu = 1450;
constexpr const char* balancer_type = "lb11";

Json reference(const ResourceId& id) { return {{"$ref", to_text(id)}, {"field", "remote_id"}}; }

ResourceId network_id() { return {networks().name, hetzner_provider_name}; }
ResourceId firewall_id() { return {firewalls().name, hetzner_provider_name}; }

std::string image_of(const PoolSpec& pool) { return pool.image.empty() ? usual_image : pool.image; }

std::vector<std::string> with_others(const std::string& first, const std::vector<std::string>& others) {
  std::vector<std::string> all = {first};
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

std::vector<std::string> locations_of(const PoolSpec& pool) { return with_others(pool.location, pool.other_locations); }
std::vector<std::string> types_of(const PoolSpec& pool) { return with_others(pool.type, pool.other_types); }

/// One value, or a choice that the planner makes by what exists.
Json choice_of(const std::vector<std::string>& values) {
  return values.size() == 1 ? Json(values.front()) : Json{{"$any_of", values}};
}

Resource make(const Spec& spec, const Kind& kind, const std::string& name, Json inputs) {
  Resource resource;
  resource.id = {kind.name, name};
  resource.driver = std::string(hetzner_provider_name) + "." + kind.name;
  resource.inputs = std::move(inputs);
  resource.inputs["cluster"] = spec.name;
  return resource;
}

Resource network_of(const Spec& spec, const std::vector<const PoolSpec*>& pools) {
  const Range range = *parse_range(spec.network.range.empty() ? usual_range : spec.network.range);
  std::set<std::string> zones;
  for (const PoolSpec* pool : pools) {
    for (const auto& location : locations_of(*pool)) zones.insert(zone_of(location).value_or("eu-central"));
  }
  std::vector<Json> subnets;
  for (const auto& zone : zones) subnets.push_back({{"range", subnet_of(range, zone)}, {"zone", zone}});
  std::ranges::sort(subnets);
  return make(spec, networks(), hetzner_provider_name, {{"range", range_text(range)}, {"subnets", subnets}});
}

std::vector<Resource> keys_of(const Spec& spec, const ExpandOptions& options) {
  std::vector<Resource> keys;
  std::set<std::string> seen;
  for (const auto& line : options.authorized_keys) {
    const auto words = split(trim(line), ' ');
    const std::string key = words.size() < 2 ? line : words[0] + " " + words[1];
    const std::string name = sha256_hex(key).substr(0, 12);
    if (seen.insert(name).second) keys.push_back(make(spec, ssh_keys(), name, {{"public_key", key}}));
  }
  return keys;
}

/// A volume belongs to no generation of its node: it is taken over by the server that replaces the present one.
Resource volume_of(const Spec& spec, const PoolSpec& pool, const std::string& name, const VolumeSpec& wanted) {
  const auto size_gb = (wanted.size_bytes + bytes_per_gb - 1) / bytes_per_gb;
  Resource volume =
      make(spec, volumes(), name, {{"location", pool.location}, {"size_gb", size_gb}, {"protected", wanted.protect}});
  volume.protect = wanted.protect;
  return volume;
}

struct ServerParts {
  const PoolSpec& pool;
  const NodeSpec& node;
  const Machine& machine;
  const std::vector<Resource>& keys;
  std::optional<ResourceId> group;
};

Resource server_of(const Spec& spec, const ServerParts& parts, const ExpandOptions& options) {
  Json volume_list = Json::array();
  for (const auto& [name, id] : parts.machine.volumes) volume_list.push_back(reference(id));
  Json key_list = Json::array();
  for (const auto& key : parts.keys) key_list.push_back(reference(key.id));
  Resource server = make(spec, servers(), parts.node.name,
                         {{"pool", parts.pool.name},
                          {"host_name", parts.node.name},
                          {"user", spec.ssh.user},
                          {"authorized_keys", options.authorized_keys},
                          {"location", choice_of(locations_of(parts.pool))},
                          {"type", choice_of(types_of(parts.pool))},
                          {"image", image_of(parts.pool)},
                          {"ssh_keys", key_list},
                          {"network", reference(network_id())},
                          {"firewall", reference(firewall_id())},
                          {"volumes", volume_list},
                          {"power", "on"},
                          {"protected", parts.pool.protect}});
  if (!parts.pool.other_types.empty()) server.inputs["types"] = types_of(parts.pool);
  if (!parts.pool.other_locations.empty()) server.inputs["locations"] = locations_of(parts.pool);
  if (parts.group) server.inputs["placement_group"] = reference(*parts.group);
  server.node = parts.node.name;
  server.protect = parts.pool.protect;
  return server;
}

/// "worker", "worker-2", ...: the group of the n-th node of a pool.
std::string group_name(const PoolSpec& pool, std::size_t position) {
  const std::size_t number = position / group_limit;
  return number == 0 ? pool.name : pool.name + "-" + std::to_string(number + 1);
}

void expand_pool(const Spec& spec, const PoolSpec& pool, const std::vector<Resource>& keys,
                 const ExpandOptions& options, Expansion& expansion) {
  for (std::size_t i = 0; i < pool.nodes.size(); ++i) {
    const NodeSpec& node = pool.nodes[i];
    Machine machine;
    machine.id = {machine_kind, node.name};
    machine.pool = pool.name;
    if (pool.other_locations.empty()) {
      machine.labels = {{"region", pool.location}};
    } else {
      machine.reported_labels = {{"region", "location"}};
    }
    machine.private_network = true;
    machine.network_mtu = network_mtu;
    machine.pin_driver = "hetzner.pin";
    for (const auto& [name, floating] : spec.floating_ips) {
      if (floating.pool == pool.name) machine.floating_ips.emplace(name, ResourceId{floating_ips().name, name});
    }
    for (const auto& [name, wanted] : pool.volumes) {
      expansion.resources.push_back(volume_of(spec, pool, node.name + "-" + name, wanted));
      machine.volumes.emplace(name, expansion.resources.back().id);
    }
    std::optional<ResourceId> group;
    if (pool.spread) {
      group = ResourceId{placement_groups().name, group_name(pool, i)};
      if (i % group_limit == 0) {
        expansion.resources.push_back(make(spec, placement_groups(), group->name, Json::object()));
      }
    }
    expansion.resources.push_back(server_of(spec, {pool, node, machine, keys, group}, options));
    expansion.machines.emplace(node.name, std::move(machine));
  }
}

Resource floating_ip_of(const Spec& spec, const std::string& name, const PoolSpec& pool) {
  std::vector<std::string> candidates;
  for (const auto& node : pool.nodes) candidates.push_back(to_text({machine_kind, node.name}));
  std::ranges::sort(candidates, natural_less);
  return make(spec, floating_ips(), name, {{"server", {{"$one_of", candidates}, {"field", "remote_id"}}}});
}

Resource load_balancer_of(const Spec& spec, const std::string& name, const LoadBalancerSpec& wanted,
                          const PoolSpec& pool) {
  std::vector<Json> listen;
  for (const auto& one : wanted.listen) {
    listen.push_back({{"port", one.port}, {"to", one.to == 0 ? one.port : one.to}, {"protocol", one.protocol}});
  }
  std::ranges::sort(listen);
  return make(spec, load_balancers(), name,
              {{"location", pool.location},
               {"type", balancer_type},
               {"network", reference(network_id())},
               {"listen", listen},
               {"targets", cluster_selector(spec.name) + "," + label_pool + "==" + pool.name}});
}

/// The pool, when it is here and has nodes.
const PoolSpec* pool_here(const Spec& spec, const std::string& name) {
  const auto pool = spec.pools.find(name);
  if (pool == spec.pools.end() || pool->second.provider != hetzner_provider_name) return nullptr;
  return pool->second.nodes.empty() ? nullptr : &pool->second;
}

}  // namespace

Expansion expand_hetzner(const Spec& spec, const ExpandOptions& options) {
  Expansion expansion;
  const auto pools = pools_of(spec, hetzner_provider_name);
  if (pools.empty()) return expansion;
  expansion.resources.push_back(network_of(spec, pools));
  expansion.resources.push_back(
      make(spec, firewalls(), hetzner_provider_name, {{"rules", wanted_rules(spec.firewall)}}));
  const auto keys = keys_of(spec, options);
  expansion.resources.insert(expansion.resources.end(), keys.begin(), keys.end());
  for (const PoolSpec* pool : pools) expand_pool(spec, *pool, keys, options, expansion);
  for (const auto& [name, floating] : spec.floating_ips) {
    const PoolSpec* pool = pool_here(spec, floating.pool);
    if (pool != nullptr) expansion.resources.push_back(floating_ip_of(spec, name, *pool));
  }
  for (const auto& [name, balancer] : spec.load_balancers) {
    const PoolSpec* pool = pool_here(spec, balancer.pool);
    if (pool != nullptr) expansion.resources.push_back(load_balancer_of(spec, name, balancer, *pool));
  }
  return expansion;
}

}  // namespace skep::hetzner
