// The arithmetic of raft members, as it decides what may be done to one of them right now. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "planner/base/result.h"
#include "provisioners/facts.h"

namespace skep {

/// floor(members / 2) + 1
int quorum_of(int members);

/// What one manager sees of all of them.
struct Membership {
  int members = 0;
  int reachable = 0;
  std::string leader_id = {};
  std::vector<std::string> unreachable = {};  // host names
};
Membership membership_of(const std::vector<SwarmNode>& nodes);

/// Adding a voter. Errors: unavailable (some member is not reachable, or there is no leader: it may be so again soon;
/// a dead member goes first, since a new one that dies as well would cost the quorum).
Result<void> may_promote(const std::vector<SwarmNode>& nodes, std::string_view node_id);

/// Taking a voter away. The node itself may be dead, all others must be reachable. Errors: refused (the last manager;
/// the leader of two: hand its office over first), unavailable (the others would have no quorum now).
Result<void> may_demote(const std::vector<SwarmNode>& nodes, std::string_view node_id);

/// Two managers and the node leads them: demoting it may leave the other one waiting for it for ever (moby#34384).
bool must_hand_over(const std::vector<SwarmNode>& nodes, std::string_view node_id);

/// A planned outage of one member. With one or two members there is no safe one, and it is allowed: the control plane
/// stops meanwhile, tasks run on. Errors: unavailable (with three or more, the others would have no quorum).
Result<void> may_restart(const std::vector<SwarmNode>& nodes, std::string_view node_id);

}  // namespace skep
