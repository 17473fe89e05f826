// What a firewall lets in from the other members of a cluster that spans providers: swarm's ports, from each member's
// public address and from nobody else. Pure.
#pragma once

#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/model/resource.h"
#include "planner/model/spec.h"

namespace skep::cloud {

/// The resource beside the firewall of a provider: "hetzner-members".
ResourceId member_firewall(const std::string& provider);

/// The address of every node, as references.
Json member_addresses(const Spec& spec);

/// {protocol, port} of what members say to each other, sorted: 2377 where the provider has managers, 7946, the data
/// path, and ESP (without port) for encrypted networks where the provider's rules can say it.
Json member_ports(const Spec& spec, const std::string& provider, bool has_esp);

/// One rule as all providers have it. An empty port: all of them, or a protocol that has none.
struct DoorRule {
  std::string protocol;
  std::string port;
  std::vector<std::string> from;  // ranges
};

/// The rules for these members: each of the ports from all of them, at most `ranges_most` ranges a rule.
std::vector<DoorRule> door_rules(const Json& members, const Json& ports, std::size_t ranges_most);

/// And back: {members, ports}, as the inputs say it. Rules that do not let in the same ones everywhere have no members,
/// so that a plan sets them right.
Json members_behind(const std::vector<DoorRule>& rules);

}  // namespace skep::cloud
