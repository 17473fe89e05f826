// What one kind of the simulated Hetzner Cloud needs of another. Private to the simulation.
#pragma once

#include <string>

#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

/// A primary IP without assignee, made and kept.
Json& make_primary_ip(World& world, const std::string& type, const Json& location, bool dies_with_server);

/// Where a server or load balancer comes to stand in a network: {network, ip, alias_ips, mac_address}. `wish` holds
/// network and perhaps ip and alias_ips. Fails as the service does: no subnet for its zone, address taken, attached
/// already.
Json place_in_network(World& world, const Json& object, const Json& wish, const std::string& field);

/// 422 or 412 when it is not for sale there, or not now.
void check_can_be_ordered(World& world, const Json& type, const std::string& location);
/// By name (of that architecture) or id.
Json image_wanted(World& world, const Json& wanted, const std::string& architecture);

}  // namespace skep::testing::hetzner
