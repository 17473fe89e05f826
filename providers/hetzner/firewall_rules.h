// Firewall rules in one form, so that what is wanted and what the provider reports can be compared. Pure.
#pragma once

#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/model/spec.h"

namespace skep::hetzner {

/// The most rules that one firewall takes.
inline constexpr std::size_t rules_most = 50;

/// What may come in: SSH from `firewall.ssh` (everybody when it is empty), ping, and the spec's own ports. Private
/// traffic is never filtered at Hetzner, so swarm's ports need no rule, and stay closed to the world.
Json wanted_rules(const FirewallSpec& firewall);

/// Rules as the API reports them, in the form of wanted_rules(): sorted, each with the same members, ranges in their
/// normal form.
Json canonical_rules(const Json& rules);

/// The rules that let in the members of a cluster at these ports, in the same form, and what rules say of members
/// (see cloud::members_behind).
Json member_rules(const Json& members, const Json& ports);
Json members_in(const Json& rules);

}  // namespace skep::hetzner
