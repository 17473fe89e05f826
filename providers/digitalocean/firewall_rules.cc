#include "providers/digitalocean/firewall_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "providers/cloud/member_rules.h"
#include "providers/cloud/ranges.h"
#include "providers/common/pool_checks.h"
#include "providers/digitalocean/digitalocean.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

constexpr const char* all_ports = "0";  // as the API reports it

struct Peers {
  std::set<std::string> addresses;
  std::set<std::string> tags;
};

/// One rule for each protocol and port: their peers add up.
class Rules {
 public:
  void allow(const std::string& protocol, const std::string& ports, const std::vector<std::string>& from) {
    auto& addresses = peers_[{protocol, ports}].addresses;
    for (const auto& range : from.empty() ? cloud::everybody() : from) addresses.insert(cloud::canonical_range(range));
  }
  void allow_tag(const std::string& protocol, const std::string& tag) {
    peers_[{protocol, all_ports}].tags.insert(tag);
  }

  Json to_json() const {
    std::vector<Json> rules;
    for (const auto& [key, peers] : peers_) {
      Json rule = {{"protocol", key.first}, {"ports", key.second}};
      if (!peers.addresses.empty()) rule["addresses"] = peers.addresses;
      if (!peers.tags.empty()) rule["tags"] = peers.tags;
      rules.push_back(std::move(rule));
    }
    std::ranges::sort(rules);
    return rules;
  }

 private:
  std::map<std::pair<std::string, std::string>, Peers> peers_;
};

}  // namespace

Json wanted_rules(const Spec& spec, const std::string& network_range) {
  Rules rules;
  rules.allow("tcp", "22", spec.firewall.ssh);
  rules.allow("icmp", all_ports, {});
  for (const auto& one : spec.firewall.inbound) rules.allow(one.protocol, one.port, one.from);
  for (const char* protocol : {"tcp", "udp", "icmp"}) rules.allow_tag(protocol, cluster_tag(spec.name));
  for (const auto& [name, balancer] : spec.load_balancers) {
    if (pool_at(spec, digitalocean_provider_name, balancer.pool) == nullptr) continue;
    for (const auto& listen : balancer.listen) {
      rules.allow("tcp", std::to_string(listen.to == 0 ? listen.port : listen.to), {network_range});
    }
  }
  return rules.to_json();
}

Json outbound_rules() {
  Rules rules;
  for (const char* protocol : {"tcp", "udp", "icmp"}) rules.allow(protocol, all_ports, {});
  return rules.to_json();
}

Json canonical_rules(const Json& rules, const char* peers) {
  std::vector<Json> result;
  for (const auto& rule : rules) {
    std::string ports = json_string_or(rule, "ports");
    if (ports.empty() || ports == "all") ports = all_ports;
    Json one = {{"protocol", json_string_or(rule, "protocol")}, {"ports", ports}};
    const Json who = rule.value(peers, Json::object());
    for (const auto& [name, list] : who.items()) {
      if (!list.is_array() || list.empty()) continue;
      one[name] = name == "addresses" ? Json(cloud::canonical_ranges(list)) : list;
      std::sort(one[name].begin(), one[name].end());
    }
    result.push_back(std::move(one));
  }
  std::ranges::sort(result);
  return result;
}

Json to_api(const Json& rules, const char* peers) {
  Json result = Json::array();
  for (const auto& rule : rules) {
    Json one = {{"protocol", rule["protocol"]}, {"ports", rule["ports"]}, {peers, Json::object()}};
    for (const char* name : {"addresses", "tags"}) {
      if (rule.contains(name)) one[peers][name] = rule[name];
    }
    result.push_back(std::move(one));
  }
  return result;
}

Json member_rules(const Json& members, const Json& ports) {
  Rules rules;
  for (const auto& rule : cloud::door_rules(members, ports, members.size()))
    rules.allow(rule.protocol, rule.port, rule.from);
  return rules.to_json();
}

Json members_in(const Json& rules) {
  std::vector<cloud::DoorRule> doors;
  for (const auto& rule : rules) {
    doors.push_back({json_string_or(rule, "protocol"), json_string_or(rule, "ports"),
                     cloud::canonical_ranges(rule.value("addresses", Json::array()))});
  }
  return cloud::members_behind(doors);
}

}  // namespace skep::digitalocean
