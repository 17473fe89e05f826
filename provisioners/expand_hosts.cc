#include "provisioners/expand_hosts.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "planner/model/spanning.h"
#include "provisioners/daemon_json.h"
#include "provisioners/drained.h"

namespace skep {
namespace {

struct Node {
  const PoolSpec& pool;
  const NodeSpec& spec;
  const Machine& machine;
};

Json reference(const ResourceId& id, const std::string& field = {}) {
  Json ref = {{"$ref", to_text(id)}};
  if (!field.empty()) ref["field"] = field;
  return ref;
}

Json all_of(const std::string& kind, const std::string& field) { return {{"$all", kind}, {"field", field}}; }

ResourceId swarm_id() { return {"swarm", "main"}; }

/// The machine; without its private address where the cluster has no network that all nodes share.
Json host_behind(const Spec& spec, const Node& node) {
  if (!spans_providers(spec)) return reference(node.machine.id);
  Json host = {{"private_address", reference(node.machine.id, "address")}};
  for (const char* field : {"address", "ssh_port", "ssh_user", "host_key", "power"})
    host[field] = reference(node.machine.id, field);
  return host;
}

Resource on_host(const Spec& spec, const Node& node, const std::string& kind, const std::string& driver) {
  Resource resource;
  resource.id = {kind, node.spec.name};
  resource.driver = driver;
  resource.node = node.spec.name;
  resource.inputs = {{"host", reference(node.machine.id)}, {"cluster", spec.name}};
  if (node.machine.ours) resource.vanishes_with = {node.machine.id};
  return resource;
}

/// The same, after the host has its final key.
Resource after_login(const Spec& spec, const Node& node, const std::string& kind, const std::string& driver) {
  auto resource = on_host(spec, node, kind, driver);
  resource.inputs["host"] = host_behind(spec, node);
  if (!node.machine.pin_driver.empty()) resource.inputs["login"] = reference({"login", node.spec.name});
  return resource;
}

/// See host_key.h.
std::vector<Resource> key_change_of(const Spec& spec, const Node& node) {
  if (node.machine.pin_driver.empty()) return {};
  const auto new_key = on_host(spec, node, "new_key", "host.new_key");
  auto pin = on_host(spec, node, pin_kind, node.machine.pin_driver);
  pin.inputs = {{"cluster", spec.name},
                {"server", reference(node.machine.id, "remote_id")},
                {"key", reference(new_key.id, "remote_id")}};
  auto login = on_host(spec, node, "login", "host.login");
  login.inputs["key"] = reference(new_key.id, "remote_id");
  login.needs = {pin.id};
  return {new_key, pin, login};
}

std::vector<Resource> addresses_of(const Spec& spec, const Node& node) {
  std::vector<Resource> addresses;
  for (const auto& [name, floating_ip] : node.machine.floating_ips) {
    auto address = after_login(spec, node, "address", "host.address");
    address.id.name = node.spec.name + "-" + name;
    address.inputs["address"] = reference(floating_ip, "address");
    address.needs = {{"host", node.spec.name}};
    addresses.push_back(std::move(address));
  }
  return addresses;
}

std::string role_of(const Node& node) { return node.pool.role == Role::manager ? "manager" : "worker"; }

std::string identity_of(const Spec& spec, const std::string& node) { return spec.name + "/" + node; }

std::int64_t in_seconds(Duration duration) { return std::chrono::ceil<std::chrono::seconds>(duration).count(); }

void add_drain(const Spec& spec, Resource& resource) {
  resource.inputs["drain_timeout"] = in_seconds(spec.rollout.drain_timeout);
  resource.inputs["allow_unschedulable"] = spec.rollout.allow_unschedulable;
}

Json service_of(const Spec& spec, const std::string& node) {
  return service_input(identity_of(spec, node), spec.rollout);
}

Resource host_of(const Spec& spec, const Node& node) {
  auto host = after_login(spec, node, "host", "host.ready");
  host.inputs["role"] = role_of(node);
  host.inputs["others"] = all_of("host", "member");
  host.inputs["reboot"] = spec.rollout.reboots ? "when-required" : "never";
  host.inputs["needs_reboot"] = false;
  host.inputs[service_key] = service_of(spec, node.spec.name);
  return host;
}

Result<std::vector<Resource>> mounts_of(const Spec& spec, const Node& node) {
  std::vector<Resource> mounts;
  for (const auto& [name, volume] : node.pool.volumes) {
    const auto backing = node.machine.volumes.find(name);
    if (backing == node.machine.volumes.end()) {
      return Error{ErrorCode::internal,
                   fmt::format("{}: its provider made no volume \"{}\"", to_text(node.machine.id), name)};
    }
    auto mount = after_login(spec, node, "mount", "host.mount");
    mount.id.name = node.spec.name + "-" + name;
    mount.inputs["device"] = reference(backing->second, "device");
    mount.inputs["path"] = volume.mount;
    mount.inputs["filesystem"] = volume.filesystem;
    mount.inputs[service_key] = service_of(spec, node.spec.name);
    mount.needs = {{"host", node.spec.name}};
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

Resource engine_of(const Spec& spec, const Node& node, const std::vector<Resource>& mounts) {
  auto engine = after_login(spec, node, "engine", "host.engine");
  auto keys = split_daemon_keys(spec.engine.daemon);
  const bool is_official = spec.engine.source == EngineSpec::Source::docker;
  // The overlay driver assumes 1500 whatever the network below it; engines of the official repository can be told.
  if (is_official && node.machine.network_mtu != 1500 && !keys.restart.contains("default-network-opts")) {
    keys.restart["default-network-opts"] = {
        {"overlay", {{"com.docker.network.driver.mtu", std::to_string(node.machine.network_mtu)}}}};
  }
  engine.inputs["source"] = is_official ? "docker" : "distro";
  engine.inputs["version"] = spec.engine.version;
  engine.inputs["daemon"] = std::move(keys.restart);
  engine.inputs["daemon_live"] = std::move(keys.reload);
  engine.inputs["identity"] = identity_of(spec, node.spec.name);
  engine.inputs[service_key] = service_of(spec, node.spec.name);
  engine.inputs["repository_url"] = spec.engine.repository_url;
  engine.inputs["repository_key"] = spec.engine.repository_key;
  engine.needs = {{"host", node.spec.name}};
  for (const auto& mount : mounts) engine.needs.push_back(mount.id);
  engine.pool = "rolling:" + node.pool.name;
  return engine;
}

Json labels_of(const Node& node) {
  std::map<std::string, Json> labels;
  for (const auto& [key, value] : node.machine.labels) labels[key] = value;  // region, zone
  for (const auto& [key, field] : node.machine.reported_labels) labels[key] = reference(node.machine.id, field);
  labels["provider"] = node.pool.provider;
  labels["pool"] = node.pool.name;
  for (const auto& [key, value] : node.pool.labels) labels[key] = value;
  for (const auto& [key, value] : node.spec.labels) labels[key] = value;
  return labels;
}

Resource swarm_node_of(const Spec& spec, const Node& node, const std::set<ResourceId>& doors) {
  auto member = after_login(spec, node, "swarm_node", "host.swarm_node");
  member.inputs["role"] = role_of(node);
  member.inputs["first"] = reference(swarm_id(), "manager");
  member.inputs["cluster_id"] = reference(swarm_id(), "remote_id");
  member.inputs["address_pools"] = reference(swarm_id(), "address_pools");
  member.inputs["managers"] = all_of("swarm_manager", "host");
  member.inputs["others"] = all_of("host", "member");
  member.inputs["identity"] = identity_of(spec, node.spec.name);
  member.inputs["labels"] = labels_of(node);
  member.inputs["availability"] = "active";
  add_drain(spec, member);
  member.needs = {{"engine", node.spec.name}, swarm_id()};
  member.needs.insert(member.needs.end(), doors.begin(), doors.end());
  member.vanishes_with = {swarm_id()};
  return member;
}

Resource swarm_manager_of(const Spec& spec, const Node& node, const std::vector<ResourceId>& manager_nodes) {
  auto manager = after_login(spec, node, "swarm_manager", "host.swarm_manager");
  manager.inputs["first"] = reference(swarm_id(), "manager");
  manager.inputs["managers"] = all_of("swarm_manager", "host");
  manager.inputs["node_id"] = reference({"swarm_node", node.spec.name}, "remote_id");
  manager.inputs["identity"] = identity_of(spec, node.spec.name);
  add_drain(spec, manager);
  // All of them have joined and are proved before the first is promoted: two managers last as short as can be. The one
  // on which the swarm begins is a manager from then on, and is written down as one at once.
  manager.needs = manager_nodes;
  manager.needs.push_back(swarm_id());
  manager.pool = "membership";
  manager.vanishes_with = {swarm_id()};
  return manager;
}

// In their natural order; on the first of them the swarm begins.
std::vector<std::string> managers_among(const std::vector<Node>& nodes) {
  std::vector<std::string> managers;
  for (const auto& node : nodes) {
    if (node.pool.role == Role::manager) managers.push_back(node.spec.name);
  }
  std::ranges::sort(managers, natural_less);
  return managers;
}

Resource swarm_of(const Spec& spec, const std::vector<Node>& nodes) {
  Resource swarm;
  swarm.id = swarm_id();
  swarm.driver = "host.swarm";
  const auto managers = managers_among(nodes);
  const bool all_ours = std::ranges::all_of(nodes, [](const Node& node) { return node.machine.ours; });
  for (const auto& name : managers) swarm.needs.push_back({"host", name});
  if (!managers.empty()) swarm.needs.push_back({"engine", managers.front()});
  swarm.inputs = {{"cluster", spec.name},
                  {"init", managers.empty() ? "" : managers.front()},
                  {"hosts", all_of("host", "member")},
                  {"address_pools", spec.swarm.address_pools},
                  {"address_pool_mask", spec.swarm.address_pool_mask},
                  {"data_path_port", spec.swarm.data_path_port},
                  {"autolock", spec.swarm.autolock}};
  if (all_ours) {
    for (const auto& node : nodes) swarm.vanishes_with.push_back(node.machine.id);
  }
  return swarm;
}

Result<std::vector<Node>> nodes_of_spec(const Spec& spec, const std::map<std::string, Machine>& machines) {
  std::vector<Node> nodes;
  for (const auto& [name, pool] : spec.pools) {
    for (const auto& node : pool.nodes) {
      const auto machine = machines.find(node.name);
      if (machine == machines.end()) {
        return Error{ErrorCode::internal,
                     fmt::format("provider {} promised no machine for {}", pool.provider, node.name)};
      }
      nodes.push_back({pool, node, machine->second});
    }
  }
  return nodes;
}

}  // namespace

Result<std::vector<Resource>> expand_hosts(const Spec& spec, const std::map<std::string, Machine>& machines) {
  const auto nodes = TRY(nodes_of_spec(spec, machines));
  const auto managers = managers_among(nodes);
  std::vector<ResourceId> manager_nodes;
  for (const auto& name : managers) manager_nodes.push_back({"swarm_node", name});
  std::ranges::sort(manager_nodes);
  std::set<ResourceId> doors;
  for (const auto& node : nodes) doors.insert(node.machine.doors.begin(), node.machine.doors.end());
  std::vector<Resource> resources;
  for (const auto& node : nodes) {
    auto mounts = TRY(mounts_of(spec, node));
    resources.push_back(host_of(spec, node));
    resources.push_back(engine_of(spec, node, mounts));
    resources.push_back(swarm_node_of(spec, node, doors));
    if (node.pool.role == Role::manager) {
      const bool is_first = node.spec.name == managers.front();
      resources.push_back(swarm_manager_of(
          spec, node, is_first ? std::vector<ResourceId>{{"swarm_node", node.spec.name}} : manager_nodes));
    }
    std::ranges::move(mounts, std::back_inserter(resources));
    std::ranges::move(key_change_of(spec, node), std::back_inserter(resources));
    std::ranges::move(addresses_of(spec, node), std::back_inserter(resources));
  }
  if (!nodes.empty()) resources.push_back(swarm_of(spec, nodes));
  return resources;
}

void prepare_machine(const Spec& spec, Resource& machine) {
  machine.inputs[service_key] = service_of(spec, machine.node);
}

}  // namespace skep
