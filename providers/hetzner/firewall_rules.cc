#include "providers/hetzner/firewall_rules.h"

#include <algorithm>

#include "providers/cloud/ranges.h"

namespace skep::hetzner {

namespace {

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

}  // namespace skep::hetzner
