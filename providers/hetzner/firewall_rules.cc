#include "providers/hetzner/firewall_rules.h"

#include <algorithm>

#include "providers/cloud/member_rules.h"
#include "providers/cloud/ranges.h"

namespace skep::hetzner {

namespace {

constexpr std::size_t ranges_most = 100;  // in one rule

Json inbound(const std::string& protocol, const std::string& port, const std::vector<std::string>& from) {
  Json rule = {{"direction", "in"}, {"protocol", protocol}, {"source_ips", from.empty() ? cloud::everybody() : from}};
  if (!port.empty()) rule["port"] = port;
  return rule;
}

}  // namespace

Json canonical_rules(const Json& rules) {
  std::vector<Json> result;
  for (const auto& rule : rules) {
    Json one = {{"direction", json_string_or(rule, "direction")}, {"protocol", json_string_or(rule, "protocol")}};
    if (const std::string port = json_string_or(rule, "port"); !port.empty()) one["port"] = port;
    for (const char* key : {"source_ips", "destination_ips"}) {
      const auto ranges = cloud::canonical_ranges(rule.value(key, Json::array()));
      if (!ranges.empty()) one[key] = ranges;
    }
    result.push_back(std::move(one));
  }
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Json wanted_rules(const FirewallSpec& firewall) {
  Json rules = Json::array({inbound("tcp", "22", firewall.ssh), inbound("icmp", "", {})});
  for (const auto& one : firewall.inbound) rules.push_back(inbound(one.protocol, one.port, one.from));
  return canonical_rules(rules);
}

Json member_rules(const Json& members, const Json& ports) {
  Json rules = Json::array();
  for (const auto& rule : cloud::door_rules(members, ports, ranges_most))
    rules.push_back(inbound(rule.protocol, rule.port, rule.from));
  return canonical_rules(rules);
}

Json members_in(const Json& rules) {
  std::vector<cloud::DoorRule> doors;
  for (const auto& rule : rules) {
    doors.push_back({json_string_or(rule, "protocol"), json_string_or(rule, "port"),
                     cloud::canonical_ranges(rule.value("source_ips", Json::array()))});
  }
  return cloud::members_behind(doors);
}

}  // namespace skep::hetzner
