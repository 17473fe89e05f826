#include "providers/hetzner/expand_hetzner.h"

#include <algorithm>
#include <set>

#include "planner/model/spanning.h"
#include "providers/cloud/expand_parts.h"
#include "providers/cloud/member_rules.h"
#include "providers/common/pool_checks.h"
#include "providers/hetzner/firewall_rules.h"
#include "providers/hetzner/hetzner.h"
#include "providers/hetzner/kinds.h"
#include "providers/hetzner/labels.h"
#include "providers/hetzner/places.h"

namespace skep::hetzner {

namespace {

using cloud::Maker;
using cloud::reference;

constexpr std::size_t group_limit = 10;
constexpr int network_mtu = 1450;
constexpr const char* balancer_type = "lb11";

ResourceId network_id() { return {networks().name, hetzner_provider_name}; }
ResourceId firewall_id() { return {firewalls().name, hetzner_provider_name}; }

Resource network_of(const Maker& maker, const std::vector<const PoolSpec*>& pools) {
  const std::string& wanted = maker.spec.network.range;
  const Range range = *cloud::parse_range(wanted.empty() ? usual_range : wanted);
  std::set<std::string> zones;
  for (const PoolSpec* pool : pools) {
    for (const auto& location : cloud::locations_of(*pool)) zones.insert(zone_of(location).value_or("eu-central"));
  }
  std::vector<Json> subnets;
  for (const auto& zone : zones) subnets.push_back({{"range", subnet_of(range, zone)}, {"zone", zone}});
  std::ranges::sort(subnets);
  return maker.make(networks().name, hetzner_provider_name,
                    {{"range", cloud::range_text(range)}, {"subnets", subnets}});
}

/// It finds the servers by their label: they could not name it, since it names those of other providers, which may
/// have one that names them.
Resource member_firewall_of(const Maker& maker) {
  return maker.make(firewalls().name, cloud::member_firewall(hetzner_provider_name).name,
                    {{"members", cloud::member_addresses(maker.spec)},
                     {"ports", cloud::member_ports(maker.spec, hetzner_provider_name, true)},
                     {"servers", cluster_selector(maker.spec.name)}});
}

/// A volume belongs to no generation of its node: it is taken over by the server that replaces the present one.
Resource volume_of(const Maker& maker, const PoolSpec& pool, const std::string& name, const VolumeSpec& wanted) {
  Resource volume =
      maker.make(volumes().name, name,
                 {{"location", pool.location}, {"size_gb", cloud::size_gb_of(wanted)}, {"protected", wanted.protect}});
  volume.protect = wanted.protect;
  return volume;
}

/// "worker", "worker-2", ...: the group of the n-th node of a pool.
std::string group_name(const PoolSpec& pool, std::size_t position) {
  const std::size_t number = position / group_limit;
  return number == 0 ? pool.name : pool.name + "-" + std::to_string(number + 1);
}

void expand_pool(const Maker& maker, const PoolSpec& pool, const std::vector<Resource>& keys,
                 const ExpandOptions& options, Expansion& expansion) {
  for (std::size_t i = 0; i < pool.nodes.size(); ++i) {
    const NodeSpec& node = pool.nodes[i];
    Machine machine = maker.machine(pool, node);
    if (machine.private_network) machine.network_mtu = network_mtu;
    for (const auto& [name, floating] : maker.spec.floating_ips) {
      if (floating.pool == pool.name) machine.floating_ips.emplace(name, ResourceId{floating_ips().name, name});
    }
    for (const auto& [name, wanted] : pool.volumes) {
      expansion.resources.push_back(volume_of(maker, pool, node.name + "-" + name, wanted));
      machine.volumes.emplace(name, expansion.resources.back().id);
    }
    Resource server = maker.server(pool, node, machine, keys, options);
    server.inputs["image"] = pool.image.empty() ? usual_image : pool.image;
    server.inputs["network"] = reference(network_id());
    server.inputs["firewall"] = reference(firewall_id());
    server.inputs["protected"] = pool.protect;
    if (pool.spread) {
      const ResourceId group{placement_groups().name, group_name(pool, i)};
      if (i % group_limit == 0) expansion.resources.push_back(maker.make(group.kind, group.name, Json::object()));
      server.inputs["placement_group"] = reference(group);
    }
    expansion.resources.push_back(std::move(server));
    expansion.machines.emplace(node.name, std::move(machine));
  }
}

Resource load_balancer_of(const Maker& maker, const std::string& name, const LoadBalancerSpec& wanted,
                          const PoolSpec& pool) {
  return maker.make(
      load_balancers().name, name,
      {{"location", pool.location},
       {"type", balancer_type},
       {"network", reference(network_id())},
       {"listen", cloud::listen_of(wanted)},
       {"health_check", cloud::health_check_of(wanted)},
       {"targets", cluster_selector(maker.spec.name) + "," + label_pool + "==" + pool.name + ",!" + label_out}});
}

}  // namespace

Expansion expand_hetzner(const Spec& spec, const ExpandOptions& options) {
  Expansion expansion;
  const auto pools = pools_of(spec, hetzner_provider_name);
  if (pools.empty()) return expansion;
  const Maker maker{spec, hetzner_provider_name};
  expansion.resources.push_back(network_of(maker, pools));
  expansion.resources.push_back(
      maker.make(firewalls().name, hetzner_provider_name, {{"rules", wanted_rules(spec.firewall)}}));
  if (spans_providers(spec)) expansion.resources.push_back(member_firewall_of(maker));
  const auto keys = maker.keys(options);
  expansion.resources.insert(expansion.resources.end(), keys.begin(), keys.end());
  for (const PoolSpec* pool : pools) expand_pool(maker, *pool, keys, options, expansion);
  for (const auto& [name, floating] : spec.floating_ips) {
    const PoolSpec* pool = pool_at(spec, hetzner_provider_name, floating.pool);
    if (pool != nullptr) expansion.resources.push_back(maker.floating_ip(name, *pool));
  }
  for (const auto& [name, balancer] : spec.load_balancers) {
    const PoolSpec* pool = pool_at(spec, hetzner_provider_name, balancer.pool);
    if (pool != nullptr) expansion.resources.push_back(load_balancer_of(maker, name, balancer, *pool));
  }
  for (auto& record : maker.dns_records()) expansion.resources.push_back(std::move(record));
  return expansion;
}

}  // namespace skep::hetzner
