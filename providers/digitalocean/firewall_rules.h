// Firewall rules in one form, so that what is wanted and what the provider reports can be compared. Pure.
#pragma once

#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/model/spec.h"

namespace skep::digitalocean {

/// The most rules that one firewall takes, in and out together.
inline constexpr std::size_t rules_most = 50;

/// What may come in: SSH from `firewall.ssh` (everybody when it is empty), ping, the spec's own ports, everything among
/// the cluster's own droplets (a firewall here filters the private network too), and from within the network what load
/// balancers lead to. One rule for each protocol and port, sorted: {protocol, ports, addresses, tags}.
Json wanted_rules(const Spec& spec, const std::string& network_range);

/// What may go out: everything. Without such rules nothing could.
Json outbound_rules();

/// Rules of the API in the form of wanted_rules(). `peers` is "sources" or "destinations".
Json canonical_rules(const Json& rules, const char* peers);
/// And back.
Json to_api(const Json& rules, const char* peers);

/// The rules that let in the members of a cluster at these ports, in the same form, and what rules say of members
/// (see cloud::members_behind).
Json member_rules(const Json& members, const Json& ports);
Json members_in(const Json& rules);

}  // namespace skep::digitalocean
