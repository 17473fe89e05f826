#include "providers/local/expand_local.h"

#include "providers/common/pool_checks.h"
#include "providers/local/image_recipe.h"
#include "providers/local/kinds.h"
#include "providers/local/local.h"

namespace skep {

namespace {

Json reference(const ResourceId& id, const char* field) { return {{"$ref", to_text(id)}, {"field", field}}; }

ResourceId network_id() { return {network_kind, "main"}; }

Resource network_of(const Spec& spec) {
  Resource network;
  network.id = network_id();
  network.driver = "local.network";
  network.inputs = {
      {"cluster", spec.name}, {"range", spec.network.range}, {"avoid", spec.swarm.address_pools}, {"up", true}};
  return network;
}

// A volume belongs to no generation of its node: it is taken over by the machine that replaces the present one.
Resource volume_of(const Spec& spec, const std::string& name, const VolumeSpec& wanted) {
  Resource volume;
  volume.id = {volume_kind, name};
  volume.driver = "local.volume";
  volume.protect = wanted.protect;
  volume.inputs = {{"cluster", spec.name}, {"size_bytes", wanted.size_bytes}};
  return volume;
}

Resource server_of(const Spec& spec, const PoolSpec& pool, const NodeSpec& node, const Machine& machine,
                   const ExpandOptions& options) {
  Resource server;
  server.id = machine.id;
  server.driver = "local.server";
  server.node = node.name;
  server.protect = pool.protect;
  Json volumes = Json::array();
  for (const auto& [name, id] : machine.volumes) volumes.push_back(reference(id, "remote_id"));
  server.inputs = {{"cluster", spec.name}, {"image", image_debian_12},
                   {"type", pool.type},    {"authorized_keys", options.authorized_keys},
                   {"power", "on"},        {"network", reference(network_id(), "remote_id")},
                   {"volumes", volumes}};
  return server;
}

Resource floating_ip_of(const Spec& spec, const std::string& name, const PoolSpec& pool) {
  Resource floating;
  floating.id = {floating_ip_kind, name};
  floating.driver = "local.floating_ip";
  floating.inputs = {{"cluster", spec.name},
                     {"network", reference(network_id(), "remote_id")},
                     {"server", {{"$one_of", machines_of(pool)}, {"field", "remote_id"}}}};
  return floating;
}

}  // namespace

Result<Expansion> expand_local(const Spec& spec, const ExpandOptions& options) {
  Expansion expansion;
  expansion.resources.push_back(network_of(spec));
  for (const PoolSpec* pool : pools_of(spec, local_provider_name)) {
    for (const auto& node : pool->nodes) {
      Machine machine;
      machine.id = {machine_kind, node.name};
      machine.pool = pool->name;
      machine.labels = {{"region", "local"}};
      for (const auto& [name, wanted] : pool->volumes) {
        expansion.resources.push_back(volume_of(spec, node.name + "-" + name, wanted));
        machine.volumes.emplace(name, expansion.resources.back().id);
      }
      expansion.resources.push_back(server_of(spec, *pool, node, machine, options));
      expansion.machines.emplace(node.name, std::move(machine));
    }
  }
  for (const auto& [name, floating] : spec.floating_ips) {
    const PoolSpec* pool = pool_at(spec, local_provider_name, floating.pool);
    if (pool != nullptr) expansion.resources.push_back(floating_ip_of(spec, name, *pool));
  }
  return expansion;
}

}  // namespace skep
