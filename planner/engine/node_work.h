// What a plan does to each node, gathered from the draft: what is made, what goes, what is disturbed. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "planner/engine/draft.h"

namespace skep {

using Positions = std::vector<std::size_t>;  // in Draft::items

struct NodeWork {
  std::string node;
  Positions made = {};       // of the wanted generation
  Positions gone = {};       // of the older generation that serves until then
  Positions surplus = {};    // of still other generations: a rollout was begun, and wanted otherwise before it ended
  Positions removed = {};    // without a newer generation
  Positions disturbed = {};  // updated in place, the node out of service meanwhile
  Positions managers = {};   // those of all these that change the swarm's managers
  Positions moved = {};      // of no node: that leave an older generation for the wanted one
  Positions leaving = {};   // of no node: that leave this node for another, before it is out of service (a floating IP)
  Positions arriving = {};  // of no node: that come from another node like that
  bool is_manager = false;
  bool is_leader = false;  // it leads the managers now
  bool is_in_flight = false;
  bool is_dead_manager = false;  // the one that goes cannot be counted on
  bool has_volume = false;       // that the new generation takes over: it can be on one machine only

  bool is_replaced() const { return !gone.empty(); }
  bool goes_out_of_service() const { return !disturbed.empty() || !gone.empty() || !removed.empty(); }
  bool is_old_first() const { return is_dead_manager || has_volume; }
};

/// By node name; nodes with nothing to do are left out.
std::map<std::string, NodeWork> work_on_nodes(const Draft& draft, const State& state);

/// The order in which nodes have their turn: dead managers, what is in flight already; then those that nothing must
/// leave before those that something must, the leader after the other managers; then by name.
bool has_turn_before(const NodeWork* left, const NodeWork* right);

/// Whether the swarm itself sees this swarm_node or swarm_manager down, or its manager out of reach.
bool is_given_up(const Object& member);

/// Whether the whole swarm ends with this plan, or has ended before and only remains of it go.
bool is_swarm_going(const Draft& draft);

/// Whether this manager can be counted on: it was read, and its machine is there and on.
bool is_manager_up(const Record& manager, const State& state);

inline constexpr const char* manager_kind = "swarm_manager";
inline constexpr const char* swarm_kind = "swarm";

}  // namespace skep
