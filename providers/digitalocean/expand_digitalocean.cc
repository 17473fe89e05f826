#include "providers/digitalocean/expand_digitalocean.h"

#include <algorithm>
#include <array>

#include "planner/base/digest.h"
#include "planner/base/text.h"
#include "planner/model/spanning.h"
#include "providers/cloud/expand_parts.h"
#include "providers/cloud/member_rules.h"
#include "providers/cloud/ranges.h"
#include "providers/common/pool_checks.h"
#include "providers/digitalocean/digitalocean.h"
#include "providers/digitalocean/firewall_rules.h"
#include "providers/digitalocean/kinds.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

using cloud::Maker;
using cloud::reference;

constexpr cloud::Range usual_ranges{0xAC180000, 14};  // 172.24.0.0/14
constexpr int usual_prefix = 20;
constexpr std::array<std::string_view, 6> distributions = {"debian", "ubuntu",     "fedora",
                                                           "centos", "rockylinux", "almalinux"};

ResourceId tag_id() { return {tags().name, digitalocean_provider_name}; }
ResourceId pool_tag_id(const std::string& pool) { return {tags().name, "pool." + pool}; }
ResourceId network_id() { return {networks().name, digitalocean_provider_name}; }
ResourceId firewall_id() { return {firewalls().name, digitalocean_provider_name}; }

Resource tag_of(const Maker& maker, const ResourceId& id, const std::string& text) {
  return maker.make(id.kind, id.name, {{"tag", text}});
}

Resource member_firewall_of(const Maker& maker) {
  return maker.make(firewalls().name, cloud::member_firewall(digitalocean_provider_name).name,
                    {{"members", cloud::member_addresses(maker.spec)},
                     {"ports", cloud::member_ports(maker.spec, digitalocean_provider_name, false)},
                     {"tag", reference(tag_id())}});
}

/// A volume belongs to no generation of its node: it is taken over by the server that replaces the present one.
Resource volume_of(const Maker& maker, const PoolSpec& pool, const std::string& name, const VolumeSpec& wanted) {
  Resource volume = maker.make(volumes().name, name,
                               {{"location", pool.location},
                                {"size_gb", cloud::size_gb_of(wanted)},
                                {"tag", reference(tag_id())},
                                {"protected", wanted.protect}});
  volume.protect = wanted.protect;
  return volume;
}

void expand_pool(const Maker& maker, const PoolSpec& pool, const std::vector<Resource>& keys,
                 const ExpandOptions& options, Expansion& expansion) {
  expansion.resources.push_back(tag_of(maker, pool_tag_id(pool.name), pool_tag(maker.spec.name, pool.name)));
  for (const auto& node : pool.nodes) {
    Machine machine = maker.machine(pool, node);
    for (const auto& [name, wanted] : pool.volumes) {
      expansion.resources.push_back(volume_of(maker, pool, node.name + "-" + name, wanted));
      machine.volumes.emplace(name, expansion.resources.back().id);
    }
    Resource server = maker.server(pool, node, machine, keys, options);
    server.inputs["image"] = pool.image.empty() ? usual_image : image_slug(pool.image);
    server.inputs["network"] = reference(network_id());
    server.inputs["tags"] = {reference(tag_id()), reference(pool_tag_id(pool.name))};
    server.inputs["protected"] = pool.protect;
    server.needs.push_back(firewall_id());  // it applies to the tag, before there is anything to reach
    expansion.resources.push_back(std::move(server));
    expansion.machines.emplace(node.name, std::move(machine));
  }
}

Resource load_balancer_of(const Maker& maker, const std::string& name, const LoadBalancerSpec& wanted,
                          const PoolSpec& pool) {
  return maker.make(load_balancers().name, name,
                    {{"location", pool.location},
                     {"network", reference(network_id())},
                     {"listen", cloud::listen_of(wanted)},
                     {"health_check", cloud::health_check_of(wanted)},
                     {"targets", reference(pool_tag_id(pool.name))}});
}

}  // namespace

std::string image_slug(const std::string& image) {
  const bool is_known = std::ranges::any_of(
      distributions, [&](std::string_view name) { return image.starts_with(std::string(name) + "-"); });
  if (!is_known || image.ends_with("-x64")) return image;
  return replace_all(image, ".", "-") + "-x64";
}

std::string usual_range(const std::string& cluster) {
  const std::string digest = sha256_hex(cluster);
  const auto number = static_cast<std::uint32_t>(std::stoul(digest.substr(0, 2), nullptr, 16));
  const std::uint32_t count = 1U << (usual_prefix - usual_ranges.prefix);
  return cloud::range_text({usual_ranges.first + ((number % count) << (32 - usual_prefix)), usual_prefix});
}

Expansion expand_digitalocean(const Spec& spec, const ExpandOptions& options) {
  Expansion expansion;
  const auto pools = pools_of(spec, digitalocean_provider_name);
  if (pools.empty()) return expansion;
  const Maker maker{spec, digitalocean_provider_name};
  const std::string range = spec.network.range.empty() ? usual_range(spec.name) : spec.network.range;
  expansion.resources.push_back(tag_of(maker, tag_id(), cluster_tag(spec.name)));
  expansion.resources.push_back(maker.make(networks().name, digitalocean_provider_name,
                                           {{"range", range}, {"location", pools.front()->location}}));
  expansion.resources.push_back(
      maker.make(firewalls().name, digitalocean_provider_name,
                 {{"rules", wanted_rules(spec, range)}, {"outbound", outbound_rules()}, {"tag", reference(tag_id())}}));
  if (spans_providers(spec)) expansion.resources.push_back(member_firewall_of(maker));
  const auto keys = maker.keys(options);
  expansion.resources.insert(expansion.resources.end(), keys.begin(), keys.end());
  for (const PoolSpec* pool : pools) expand_pool(maker, *pool, keys, options, expansion);
  for (const auto& [name, floating] : spec.floating_ips) {
    const PoolSpec* pool = pool_at(spec, digitalocean_provider_name, floating.pool);
    if (pool == nullptr) continue;
    expansion.resources.push_back(maker.floating_ip(name, *pool));
    expansion.resources.back().inputs["tag"] = reference(tag_id());
  }
  for (const auto& [name, balancer] : spec.load_balancers) {
    const PoolSpec* pool = pool_at(spec, digitalocean_provider_name, balancer.pool);
    if (pool != nullptr) expansion.resources.push_back(load_balancer_of(maker, name, balancer, *pool));
  }
  for (auto& record : maker.dns_records()) expansion.resources.push_back(std::move(record));
  return expansion;
}

}  // namespace skep::digitalocean
