// What the firewalls of the simulated DigitalOcean let through: nothing but what some rule allows.
#include <algorithm>

#include "planner/base/text.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

bool is_port_in(const Json& rule, int port) {
  const std::string ports = rule["ports"];
  if (ports == "0") return true;
  const auto ends = split(ports, '-');
  return std::stoi(ends.front()) <= port && port <= std::stoi(ends.back());
}

bool is_address_in(const std::string& network, const std::string& address) {
  if (network == address) return true;
  const auto range = cloud::parse_cidr(network);
  const auto one = cloud::parse_cidr(address + "/32");
  if (range && range->is_v6) return range->length == 0 && cloud::is_ipv6(address);
  return range && one && range->contains(*one);
}

bool has_address(World& world, const Json& droplet_id, const std::string& address) {
  const Json* droplet = world.find("droplets", text_of(droplet_id));
  return droplet != nullptr && ((*droplet)["_private"] == address || (*droplet)["_public"] == address);
}

bool is_peer(World& world, const Json& peers, const std::string& address) {
  const auto is_any = [&](const char* member, const auto& test) {
    return std::ranges::any_of(peers.value(member, Json::array()), test);
  };
  const auto is_droplet = [&](const Json& id) { return has_address(world, id, address); };
  return is_any("addresses", [&](const Json& one) { return is_address_in(one, address); }) ||
         is_any("droplet_ids", is_droplet) ||
         std::ranges::any_of(droplets_tagged(world, peers.value("tags", Json::array())), is_droplet) ||
         is_any("load_balancer_uids", [&](const Json& id) {
           const Json* balancer = world.find("load_balancers", id);
           return balancer != nullptr && (*balancer)["ip"] == address;
         });
}

}  // namespace

bool firewalls_pass(World& world, const DigitalOceanCloud::Packet& packet) {
  bool is_guarded = false;
  for (const Json* firewall : world.all("firewalls")) {
    const Json& applied = (*firewall)["_applied"];
    if (!holds(applied, Json(packet.droplet_id))) continue;
    is_guarded = true;
    const char* peers = packet.inbound ? "sources" : "destinations";
    for (const auto& rule : (*firewall)["_live"][packet.inbound ? "in" : "out"]) {
      const bool fits = rule["protocol"] == packet.protocol && is_port_in(rule, packet.port);
      if (fits && is_peer(world, rule[peers], packet.peer)) return true;
    }
  }
  return !is_guarded;
}

}  // namespace skep::testing::digitalocean
