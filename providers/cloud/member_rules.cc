#include "providers/cloud/member_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "providers/common/pool_checks.h"

namespace skep::cloud {

namespace {

constexpr const char* one_address = "/32";

Json port_of(const std::string& protocol, const std::string& port) { return {{"protocol", protocol}, {"port", port}}; }

/// "198.51.100.7/32" is 198.51.100.7.
std::string without_prefix(const std::string& range) {
  return range.ends_with(one_address) ? range.substr(0, range.size() - 3) : range;
}

}  // namespace

ResourceId member_firewall(const std::string& provider) { return {"firewall", provider + "-members"}; }

Json member_addresses(const Spec& spec) {
  Json addresses = Json::array();
  for (const auto& [name, pool] : spec.pools) {
    for (const auto& machine : machines_of(pool)) addresses.push_back({{"$ref", machine}, {"field", "address"}});
  }
  return addresses;
}

Json member_ports(const Spec& spec, const std::string& provider, bool has_esp) {
  std::vector<Json> ports = {port_of("tcp", "7946"), port_of("udp", "7946"),
                             port_of("udp", std::to_string(spec.swarm.data_path_port))};
  const auto pools = pools_of(spec, provider);
  const bool has_managers = std::ranges::any_of(pools, [](const auto* pool) { return pool->role == Role::manager; });
  if (has_managers) ports.push_back(port_of("tcp", "2377"));
  if (has_esp) ports.push_back(port_of("esp", ""));
  std::ranges::sort(ports);
  return ports;
}

std::vector<DoorRule> door_rules(const Json& members, const Json& ports, std::size_t ranges_most) {
  std::vector<std::string> ranges;
  for (const auto& member : members) ranges.push_back(member.get<std::string>() + one_address);
  std::ranges::sort(ranges);
  std::vector<DoorRule> rules;
  for (const auto& port : ports) {
    for (std::size_t first = 0; first < ranges.size(); first += ranges_most) {
      const auto begin = ranges.begin() + static_cast<std::ptrdiff_t>(first);
      const auto count = std::min(ranges_most, ranges.size() - first);
      rules.push_back({port["protocol"], port["port"], {begin, begin + static_cast<std::ptrdiff_t>(count)}});
    }
  }
  return rules;
}

Json members_behind(const std::vector<DoorRule>& rules) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> doors;
  for (const auto& rule : rules) {
    for (const auto& range : rule.from) doors[{rule.protocol, rule.port}].insert(without_prefix(range));
  }
  std::vector<Json> ports;
  for (const auto& [door, from] : doors) ports.push_back(port_of(door.first, door.second));
  std::ranges::sort(ports);
  const bool is_even =
      std::ranges::all_of(doors, [&](const auto& door) { return door.second == doors.begin()->second; });
  Json members = Json::array();
  if (!doors.empty() && is_even) members = doors.begin()->second;
  return {{"members", members}, {"ports", ports}};
}

}  // namespace skep::cloud
