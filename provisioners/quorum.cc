#include "provisioners/quorum.h"

#include <fmt/format.h>

#include "planner/base/text.h"

namespace skep {
namespace {

const SwarmNode* find_node(const std::vector<SwarmNode>& nodes, std::string_view id) {
  for (const auto& node : nodes) {
    if (node.id == id) return &node;
  }
  return nullptr;
}

bool is_reachable(const SwarmNode& node) { return node.is_member() && node.reachability == "reachable"; }

int reachable_others(const std::vector<SwarmNode>& nodes, std::string_view id) {
  int count = 0;
  for (const auto& node : nodes) count += node.id != id && is_reachable(node) ? 1 : 0;
  return count;
}

Error no_leader() {
  return {ErrorCode::unavailable, "the swarm has no leader at the moment",
          "managers elect one within seconds when most of them are up"};
}

}  // namespace

int quorum_of(int members) { return members / 2 + 1; }

Membership membership_of(const std::vector<SwarmNode>& nodes) {
  Membership membership;
  for (const auto& node : nodes) {
    if (!node.is_member()) continue;
    membership.members++;
    if (is_reachable(node)) {
      membership.reachable++;
    } else {
      membership.unreachable.push_back(node.hostname);
    }
    if (node.is_leader) membership.leader_id = node.id;
  }
  return membership;
}

Result<void> may_promote(const std::vector<SwarmNode>& nodes, std::string_view node_id) {
  const auto* node = find_node(nodes, node_id);
  if (node == nullptr) {
    return Error{ErrorCode::not_found, fmt::format("the managers know no node {}", node_id)};
  }
  if (node->is_member()) return {};
  const auto membership = membership_of(nodes);
  if (membership.leader_id.empty()) return no_leader();
  if (!membership.unreachable.empty()) {
    return Error{ErrorCode::unavailable,
                 fmt::format("a manager is added only when all {} are reachable; {} is not", membership.members,
                             join(membership.unreachable, ", ")),
                 "bring it back, or take it out of the spec first: a dead manager goes before a new one comes"};
  }
  if (node->state != "ready") {
    return Error{ErrorCode::unavailable, fmt::format("node {} is {}, not ready", node->hostname, node->state)};
  }
  return {};
}

Result<void> may_demote(const std::vector<SwarmNode>& nodes, std::string_view node_id) {
  const auto* node = find_node(nodes, node_id);
  if (node == nullptr || (!node->is_member() && node->role != "manager")) return {};
  const auto membership = membership_of(nodes);
  if (membership.leader_id.empty()) return no_leader();
  if (membership.members <= 1) {
    return Error{ErrorCode::refused,
                 fmt::format("{} is the last manager: without it there is no swarm", node->hostname),
                 "promote another node first, or destroy the whole cluster"};
  }
  if (must_hand_over(nodes, node_id)) {
    return Error{ErrorCode::refused, fmt::format("{} leads a swarm of two managers", node->hostname),
                 "the other manager must lead before this one can go, or a third manager must come first"};
  }
  const int others = reachable_others(nodes, node_id);
  const int needed = quorum_of(membership.members - 1);
  if (others < needed) {
    return Error{ErrorCode::unavailable,
                 fmt::format("without {} there would be {} managers, {} of them reachable, and {} are needed",
                             node->hostname, membership.members - 1, others, needed),
                 "bring the unreachable managers back first"};
  }
  if (others < membership.members - 1) {
    if (is_reachable(*node)) {
      return Error{ErrorCode::unavailable,
                   fmt::format("a healthy manager goes only when all others are reachable; {} is not",
                               join(membership.unreachable, ", ")),
                   "a dead manager goes before a healthy one"};
    }
  }
  return {};
}

bool must_hand_over(const std::vector<SwarmNode>& nodes, std::string_view node_id) {
  const auto membership = membership_of(nodes);
  return membership.members == 2 && membership.leader_id == node_id;
}

Result<void> may_restart(const std::vector<SwarmNode>& nodes, std::string_view node_id) {
  const auto* node = find_node(nodes, node_id);
  if (node == nullptr || !node->is_member()) return {};
  const auto membership = membership_of(nodes);
  if (membership.members <= 2 || reachable_others(nodes, node_id) >= quorum_of(membership.members)) return {};
  return Error{ErrorCode::unavailable,
               fmt::format("while {} is down, {} of {} managers would be up, and {} are needed", node->hostname,
                           reachable_others(nodes, node_id), membership.members, quorum_of(membership.members)),
               "bring the unreachable managers back first"};
}

}  // namespace skep
