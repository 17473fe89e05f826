#include "providers/cloud/expand_parts.h"

#include <algorithm>
#include <set>

#include "planner/base/digest.h"
#include "planner/model/spanning.h"
#include "providers/cloud/checks.h"
#include "providers/cloud/dns_record.h"
#include "providers/cloud/member_rules.h"
#include "providers/cloud/ssh_key.h"
#include "providers/common/pool_checks.h"

namespace skep::cloud {

namespace {

std::vector<std::string> with_others(const std::string& first, const std::vector<std::string>& others) {
  std::vector<std::string> all = {first};
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

std::int64_t seconds_of(std::chrono::milliseconds duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace

Json reference(const ResourceId& id) { return {{"$ref", to_text(id)}, {"field", "remote_id"}}; }

std::vector<std::string> locations_of(const PoolSpec& pool) { return with_others(pool.location, pool.other_locations); }
std::vector<std::string> types_of(const PoolSpec& pool) { return with_others(pool.type, pool.other_types); }

Json choice_of(const std::vector<std::string>& values) {
  return values.size() == 1 ? Json(values.front()) : Json{{"$any_of", values}};
}

Resource Maker::make(const std::string& kind, const std::string& name, Json inputs) const {
  Resource resource;
  resource.id = {kind, name};
  resource.driver = provider + "." + kind;
  resource.inputs = std::move(inputs);
  resource.inputs["cluster"] = spec.name;
  return resource;
}

std::vector<Resource> Maker::keys(const ExpandOptions& options) const {
  std::vector<Resource> keys;
  std::set<std::string> seen;
  for (const auto& line : options.authorized_keys) {
    const std::string key = key_part(line);
    // Where several clouds have a part in the cluster, each has a key of its own.
    const std::string name = (spans_providers(spec) ? provider + "-" : "") + sha256_hex(key).substr(0, 12);
    if (seen.insert(name).second) keys.push_back(make("ssh_key", name, {{"public_key", key}}));
  }
  return keys;
}

Resource Maker::floating_ip(const std::string& name, const PoolSpec& pool) const {
  return make("floating_ip", name, {{"server", {{"$one_of", machines_of(pool)}, {"field", "remote_id"}}}});
}

std::vector<Resource> Maker::dns_records() const {
  std::vector<Resource> records;
  for (const auto& [name, wanted] : spec.dns_records) {
    const PoolSpec* pool = pool_at(spec, provider, pool_behind(spec, wanted));
    if (pool == nullptr) continue;
    const ResourceId target = wanted.floating_ip.empty() ? ResourceId{"load_balancer", wanted.load_balancer}
                                                         : ResourceId{"floating_ip", wanted.floating_ip};
    records.push_back(make(dns_record_kind, name,
                           {{"name", wanted.name},
                            {"zone", wanted.zone},
                            {"address", {{"$ref", to_text(target)}, {"field", "address"}}},
                            {"ttl", seconds_of(wanted.ttl)}}));
  }
  return records;
}

Machine Maker::machine(const PoolSpec& pool, const NodeSpec& node) const {
  Machine machine;
  machine.id = {machine_kind, node.name};
  machine.pool = pool.name;
  if (pool.other_locations.empty()) {
    machine.labels = {{"region", pool.location}};
  } else {
    machine.reported_labels = {{"region", "location"}};
  }
  machine.private_network = !spans_providers(spec);
  if (spans_providers(spec)) machine.doors = {member_firewall(provider)};
  machine.pin_driver = provider + "." + pin_kind;
  return machine;
}

Resource Maker::server(const PoolSpec& pool, const NodeSpec& node, const Machine& machine,
                       const std::vector<Resource>& keys, const ExpandOptions& options) const {
  Json volume_list = Json::array();
  for (const auto& [name, id] : machine.volumes) volume_list.push_back(reference(id));
  Json key_list = Json::array();
  for (const auto& key : keys) key_list.push_back(reference(key.id));
  Resource server = make(machine_kind, node.name,
                         {{"pool", pool.name},
                          {"host_name", node.name},
                          {"user", spec.ssh.user},
                          {"authorized_keys", options.authorized_keys},
                          {"location", choice_of(locations_of(pool))},
                          {"type", choice_of(types_of(pool))},
                          {"ssh_keys", key_list},
                          {"volumes", volume_list},
                          {"power", "on"},
                          {"backups", pool.backups}});
  if (!pool.other_types.empty()) server.inputs["types"] = types_of(pool);
  if (!pool.other_locations.empty()) server.inputs["locations"] = locations_of(pool);
  const bool is_balanced =
      std::ranges::any_of(spec.load_balancers, [&](const auto& balancer) { return balancer.second.pool == pool.name; });
  if (is_balanced) server.inputs["serving"] = true;
  server.node = node.name;
  server.protect = pool.protect;
  return server;
}

std::vector<Json> listen_of(const LoadBalancerSpec& balancer) {
  std::vector<Json> listen;
  for (const auto& one : balancer.listen) {
    Json door = {{"port", one.port}, {"to", one.to == 0 ? one.port : one.to}, {"protocol", one.protocol}};
    if (!one.certificate.empty()) door["certificate"] = one.certificate;
    listen.push_back(std::move(door));
  }
  std::ranges::sort(listen);
  return listen;
}

Json health_check_of(const LoadBalancerSpec& balancer) {
  const HealthCheckSpec& check = balancer.health_check;
  return {{"path", check.path},
          {"interval", seconds_of(check.interval)},
          {"timeout", seconds_of(check.timeout)},
          {"retries", check.retries}};
}

std::uint64_t size_gb_of(const VolumeSpec& volume) { return (volume.size_bytes + bytes_per_gb - 1) / bytes_per_gb; }

}  // namespace skep::cloud
