// The digest of a spec: its meaning as canonical JSON, hashed.
#include "planner/base/digest.h"
#include "planner/base/json.h"
#include "planner/model/spec_read.h"

namespace skep::model {

namespace {

Json json_of_share(const CountOrPercent& share) { return std::to_string(share.value) + (share.percent ? "%" : ""); }

Json with_others(const std::string& first, const std::vector<std::string>& others) {
  Json all = Json::array({first});
  for (const auto& one : others) all.push_back(one);
  return all;
}

Json json_of_firewall(const FirewallSpec& firewall) {
  Json inbound = Json::array();
  for (const auto& rule : firewall.inbound)
    inbound.push_back({{"port", rule.port}, {"protocol", rule.protocol}, {"from", rule.from}});
  return {{"ssh", firewall.ssh}, {"inbound", inbound}};
}

Json json_of_load_balancer(const LoadBalancerSpec& balancer) {
  Json listen = Json::array();
  for (const auto& one : balancer.listen)
    listen.push_back(
        {{"port", one.port}, {"to", one.to}, {"protocol", one.protocol}, {"certificate", one.certificate}});
  const HealthCheckSpec& check = balancer.health_check;
  return {{"pool", balancer.pool},
          {"listen", listen},
          {"health_check",
           {{"path", check.path},
            {"interval", check.interval.count()},
            {"timeout", check.timeout.count()},
            {"retries", check.retries}}}};
}

Json json_of_dns_record(const DnsRecordSpec& record) {
  return {{"name", record.name},
          {"zone", record.zone},
          {"floating_ip", record.floating_ip},
          {"load_balancer", record.load_balancer},
          {"ttl", record.ttl.count()}};
}

Json json_of_node(const NodeSpec& node) {
  return {{"name", node.name},         {"labels", node.labels},
          {"address", node.address},   {"private_address", node.private_address},
          {"host_key", node.host_key}, {"user", node.user},
          {"port", node.port}};
}

Json json_of_pool(const PoolSpec& pool) {
  Json nodes = Json::array();
  for (const auto& node : pool.nodes) nodes.push_back(json_of_node(node));
  Json volumes = Json::object();
  for (const auto& [name, volume] : pool.volumes)
    volumes[name] = {{"size", volume.size_bytes},
                     {"mount", volume.mount},
                     {"filesystem", volume.filesystem},
                     {"protect", volume.protect}};
  return {{"role", pool.role == Role::manager ? "manager" : "worker"},
          {"provider", pool.provider},
          {"locations", with_others(pool.location, pool.other_locations)},
          {"types", with_others(pool.type, pool.other_types)},
          {"image", pool.image},
          {"nodes", nodes},
          {"labels", pool.labels},
          {"volumes", volumes},
          {"spread", pool.spread},
          {"protect", pool.protect},
          {"backups", pool.backups}};
}

}  // namespace

std::string digest_of(const Spec& spec) {
  Json pools = Json::object();
  for (const auto& [name, pool] : spec.pools) pools[name] = json_of_pool(pool);
  Json floating_ips = Json::object();
  for (const auto& [name, ip] : spec.floating_ips) floating_ips[name] = {{"pool", ip.pool}};
  Json load_balancers = Json::object();
  for (const auto& [name, balancer] : spec.load_balancers) load_balancers[name] = json_of_load_balancer(balancer);
  Json dns_records = Json::object();
  for (const auto& [name, record] : spec.dns_records) dns_records[name] = json_of_dns_record(record);
  const Json meaning = {
      {"name", spec.name},
      {"ssh", {{"user", spec.ssh.user}, {"port", spec.ssh.port}}},
      {"network", {{"range", spec.network.range}}},
      {"engine",
       {{"version", spec.engine.version},
        {"source", spec.engine.source == EngineSpec::Source::distro ? "distro" : "docker"},
        {"daemon", spec.engine.daemon},
        {"repository_url", spec.engine.repository_url},
        {"repository_key", spec.engine.repository_key}}},
      {"swarm",
       {{"address_pools", spec.swarm.address_pools},
        {"address_pool_mask", spec.swarm.address_pool_mask},
        {"data_path_port", spec.swarm.data_path_port},
        {"autolock", spec.swarm.autolock}}},
      {"rollout",
       {{"max_unavailable", json_of_share(spec.rollout.max_unavailable)},
        {"max_surge", json_of_share(spec.rollout.max_surge)},
        {"drain_timeout", spec.rollout.drain_timeout.count()},
        {"settle", spec.rollout.settle.count()},
        {"reboots", spec.rollout.reboots},
        {"allow_unschedulable", spec.rollout.allow_unschedulable}}},
      {"pools", pools},
      {"floating_ips", floating_ips},
      {"firewall", json_of_firewall(spec.firewall)},
      {"load_balancers", load_balancers},
      {"dns_records", dns_records},
  };
  return sha256_hex(dump_json(meaning));
}

}  // namespace skep::model
