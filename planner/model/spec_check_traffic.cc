// Rules about what comes in from outside: floating IPs, load balancers, names and the firewall.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "planner/base/text.h"
#include "planner/model/spec_check.h"
#include "planner/model/spec_read.h"

namespace skep::model {

namespace {

using namespace std::chrono_literals;

// The pool that `path` names must exist and have nodes.
void check_target(const Tree& tree, const Spec& spec, const std::string& path, const std::string& name,
                  const std::string& purpose, Findings& findings) {
  if (name.empty()) return;  // reported where it was read
  std::vector<std::string> known;
  if (const Tree* pools = tree.good("pools")) {
    for (const auto& pool : pools->members) known.push_back(pool.key);
  }
  const auto pool = spec.pools.find(name);
  if (std::ranges::find(known, name) == known.end()) {
    const auto meant = name.size() > 64 ? std::nullopt : closest(name, known);
    findings.error_at(path, "there is no pool " + shown(name) + (meant ? ", did you mean '" + *meant + "'?" : ""),
                      meant ? "" : "pools: " + join(known, ", "));
  } else if (pool != spec.pools.end() && pool->second.nodes.empty() && are_pools_whole(tree)) {
    findings.error_at(path, "pool '" + name + "' has no node " + purpose, "give it a node");
  }
}

void check_span(const std::string& path, std::chrono::milliseconds value, std::chrono::seconds least,
                std::chrono::seconds most, Findings& findings) {
  if (value >= least && value <= most && value % 1s == 0s) return;
  findings.error_at(
      path,
      "is not a whole number of seconds from " + std::to_string(least.count()) + " to " + std::to_string(most.count()),
      "choose one within");
}

void check_certificate(const std::string& path, const ListenSpec& listen, Findings& findings) {
  if (listen.protocol == "https" && listen.certificate.empty())
    findings.error_at(path, "https needs a certificate",
                      "name the id of one that the provider has, or use protocol: tcp and let the service speak TLS");
  if (listen.protocol != "https" && !listen.certificate.empty())
    findings.error_at(path + ".certificate", "is for protocol: https only", "take it out, or write protocol: https");
}

void check_load_balancer(const std::string& path, const LoadBalancerSpec& balancer, Findings& findings) {
  if (balancer.listen.empty() && findings.is_written(path + ".listen"))
    findings.error_at(path + ".listen", "names no port", "write listen: [{port: 443}]");
  std::set<int> seen;
  for (std::size_t i = 0; i < balancer.listen.size(); ++i) {
    const int port = balancer.listen[i].port;
    if (!seen.insert(port).second)
      findings.error_at(path + ".listen." + std::to_string(i) + ".port",
                        "port " + std::to_string(port) + " is listened on twice", "take one out");
    check_certificate(path + ".listen." + std::to_string(i), balancer.listen[i], findings);
  }
  check_span(path + ".health_check.interval", balancer.health_check.interval, 3s, 60s, findings);
  check_span(path + ".health_check.timeout", balancer.health_check.timeout, 3s, 60s, findings);
}

// That one of `names` is called `name`.
template <class Names>
void check_named(const std::string& path, const std::string& what, const std::string& name, const Names& names,
                 Findings& findings) {
  if (name.empty() || names.contains(name)) return;
  std::vector<std::string> known;
  for (const auto& [key, value] : names) known.push_back(key);
  const auto meant = name.size() > 64 ? std::nullopt : closest(name, known);
  findings.error_at(path, "there is no " + what + " " + shown(name) + (meant ? ", did you mean '" + *meant + "'?" : ""),
                    known.empty() ? "the spec has none" : "one of " + join(known, ", "));
}

void check_dns_record(const Spec& spec, const std::string& path, const DnsRecordSpec& record, Findings& findings) {
  if (record.floating_ip.empty() == record.load_balancer.empty())
    findings.error_at(path, "leads to " + std::string(record.floating_ip.empty() ? "nothing" : "two things"),
                      "name a floating_ip or a load_balancer");
  check_named(path + ".floating_ip", "floating IP", record.floating_ip, spec.floating_ips, findings);
  check_named(path + ".load_balancer", "load balancer", record.load_balancer, spec.load_balancers, findings);
  check_span(path + ".ttl", record.ttl, 1min, 24h, findings);
  const bool is_within = record.name == record.zone || record.name.ends_with("." + record.zone);
  if (record.name.empty() || (is_within && record.zone.find('.') != std::string::npos)) return;
  findings.error_at(path + ".zone", "'" + record.name + "' is not in the zone " + shown(record.zone),
                    "name the zone at the provider that it ends in");
}

// Two records of one name would lead to two places at random.
void check_dns_names(const Spec& spec, Findings& findings) {
  std::map<std::string, std::string> seen;
  for (const auto& [name, record] : spec.dns_records) {
    const auto [first, is_new] = seen.emplace(record.name, name);
    if (is_new || record.name.empty()) continue;
    findings.error_at("dns_records." + name + ".name", "dns_records." + first->second + " has this name too",
                      "take one out");
  }
}

struct Ports {
  int first = 0;
  int last = 0;
};

Ports ports_of(std::string_view text) {
  Ports ports;
  const auto dash = std::min(text.find('-'), text.size());
  std::from_chars(text.data(), text.data() + dash, ports.first);
  ports.last = ports.first;
  if (dash < text.size()) std::from_chars(text.data() + dash + 1, text.data() + text.size(), ports.last);
  return ports;
}

// Swarm's ports are opened among the nodes, by their roles; whoever else reaches them can do harm: the one for overlay
// traffic takes packets from anybody.
void check_inbound(const Spec& spec, std::size_t position, Findings& findings) {
  const InboundSpec& rule = spec.firewall.inbound[position];
  const Ports ports = ports_of(rule.port);
  const std::string path = "firewall.inbound." + std::to_string(position) + ".port";
  const std::vector<int> own =
      rule.protocol == "tcp" ? std::vector{2377, 7946} : std::vector{spec.swarm.data_path_port, 7946};
  for (const int port : own) {
    if (port < ports.first || port > ports.last) continue;
    findings.error_at(path, std::to_string(port) + "/" + rule.protocol + " is a port of the swarm itself",
                      "take it out: skep opens it among the nodes, and for nobody else");
    return;
  }
  const bool opens_ssh = rule.protocol == "tcp" && ports.first <= 22 && ports.last >= 22 && rule.from.empty();
  if (opens_ssh && !spec.firewall.ssh.empty())
    findings.warning_at(path, "opens port 22 to everybody, whatever firewall.ssh says", "say from: [RANGE] here");
}

}  // namespace

void check_traffic(const Tree& tree, const Spec& spec, Findings& findings) {
  if (!tree.good("pools")) return;
  for (const auto& [name, ip] : spec.floating_ips)
    check_target(tree, spec, "floating_ips." + name + ".pool", ip.pool, "to carry the address", findings);
  for (const auto& [name, balancer] : spec.load_balancers) {
    const std::string path = "load_balancers." + name;
    check_target(tree, spec, path + ".pool", balancer.pool, "behind the load balancer", findings);
    check_load_balancer(path, balancer, findings);
  }
  for (const auto& [name, record] : spec.dns_records) check_dns_record(spec, "dns_records." + name, record, findings);
  check_dns_names(spec, findings);
  for (std::size_t i = 0; i < spec.firewall.inbound.size() && !findings.full(); ++i) check_inbound(spec, i, findings);
}

}  // namespace skep::model
