#include "cli/render/nodes.h"

#include <algorithm>
#include <map>

#include "planner/base/json.h"
#include "planner/base/text.h"
#include "planner/model/spanning.h"

namespace skep {

namespace {

std::string driver_provider(const std::string& driver) { return driver.substr(0, driver.find('.')); }

void take_machine(const Record& record, NodeInfo& node) {
  const Attributes& attributes = record.object.attributes;
  node.generation = record.resource.id.generation;
  node.provider = driver_provider(record.resource.driver);
  node.machine_id = record.object.remote_id;
  node.address = json_string_or(attributes, "address");
  node.private_address = json_string_or(attributes, "private_address");
  node.power = json_string_or(attributes, "power");
  node.user = json_string_or(attributes, "ssh_user", "root");
  node.port = static_cast<int>(json_int_or(attributes, "ssh_port", 22));
  node.host_key = json_string_or(attributes, "host_key");
}

/// A host that made itself a new key shows that one, whatever its machine was made with.
void take_logins(const State& state, std::map<std::string, NodeInfo>& by_name) {
  for (const auto& [id, record] : state.records) {
    if (id.kind != "login") continue;
    const auto node = by_name.find(id.name);
    if (node == by_name.end() || node->second.generation != id.generation) continue;
    node->second.host_key = json_string_or(record.object.attributes, "host_key", node->second.host_key);
  }
}

bool is_listed_before(const NodeInfo& left, const NodeInfo& right) {
  const auto rank = [](const NodeInfo& node) { return node.role == "manager" ? 0 : (node.role == "worker" ? 1 : 2); };
  if (rank(left) != rank(right)) return rank(left) < rank(right);
  if (left.pool != right.pool) return natural_less(left.pool, right.pool);
  return natural_less(left.name, right.name);
}

}  // namespace

Endpoint NodeInfo::endpoint() const {
  return {.address = address, .port = static_cast<std::uint16_t>(port), .user = user, .host_key = host_key};
}

std::vector<NodeInfo> nodes_of(const Spec& spec, const State& state) {
  std::map<std::string, NodeInfo> by_name;
  for (const auto& [pool_name, pool] : spec.pools) {
    for (const auto& node : pool.nodes) {
      by_name[node.name] = {.name = node.name,
                            .pool = pool_name,
                            .role = pool.role == Role::manager ? "manager" : "worker",
                            .provider = pool.provider};
    }
  }
  for (const auto& [id, record] : state.records) {
    const std::string& name = record.resource.node.empty() ? id.name : record.resource.node;
    if (id.kind == machine_kind) {
      NodeInfo& node = by_name[name];
      node.name = name;
      if (id.generation > node.generation) take_machine(record, node);
    } else if (id.kind == "swarm_node") {
      by_name[name].name = name;
      by_name[name].swarm_id = record.object.remote_id;
    }
  }
  take_logins(state, by_name);
  if (spans_providers(spec)) {  // the private networks end at their providers: members reach one another at these
    for (auto& [name, node] : by_name) node.private_address = node.address;
  }
  std::vector<NodeInfo> nodes;
  for (auto& [name, node] : by_name) nodes.push_back(std::move(node));
  std::sort(nodes.begin(), nodes.end(), is_listed_before);
  return nodes;
}

std::vector<FloatingIpInfo> floating_ips_of(const Spec& spec, const State& state) {
  std::map<std::string, std::string> node_of_machine;
  for (const auto& [id, record] : state.records) {
    if (id.kind != machine_kind) continue;
    node_of_machine[record.object.remote_id] = record.resource.node.empty() ? id.name : record.resource.node;
  }
  std::map<std::string, FloatingIpInfo> by_name;
  for (const auto& [name, floating] : spec.floating_ips) by_name[name] = {.name = name, .pool = floating.pool};
  for (const auto& [id, record] : state.records) {
    if (id.kind != "floating_ip") continue;
    FloatingIpInfo& ip = by_name[id.name];
    ip.name = id.name;
    ip.id = record.object.remote_id;
    ip.address = json_string_or(record.object.attributes, "address");
    const auto holder = node_of_machine.find(json_string_or(record.object.attributes, "server"));
    if (holder != node_of_machine.end()) ip.node = holder->second;
  }
  std::vector<FloatingIpInfo> ips;
  for (auto& [name, ip] : by_name) ips.push_back(std::move(ip));
  return ips;
}

}  // namespace skep
