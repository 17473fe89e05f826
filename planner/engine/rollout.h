// In which waves nodes are replaced and disturbed, and managers come and go: edges between ordinary steps. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "planner/engine/draft.h"

namespace skep {

/// Positions in Draft::items: `after` waits for `before`. Where waves contradict what resources need, needs win.
struct Edge {
  std::size_t before = 0;
  std::size_t after = 0;
  bool operator==(const Edge&) const = default;
};

struct Waves {
  std::vector<Edge> edges = {};
  std::map<std::string, std::uint32_t> pools = {};  // limits of the pools that items are in
};

/// At least 1 of at least 1; a share is rounded down.
std::uint32_t batch_size(const CountOrPercent& limit, std::size_t node_count);

/// Decides, by pool of nodes, in the order of names (what is in flight already comes first):
///  - replaced nodes: with a surge, and for healthy managers always, the new one stands before the old one goes, and
///  the
///    n-th begins when the one `max_surge` before it has ended; else the old one goes first, `max_unavailable` at a
///    time;
///  - disruptive updates: `max_unavailable` nodes at a time, managers before workers; what moves away from such a node
///    (a floating IP) goes before, and to a node that had its turn;
///  - the first node of a pool always goes alone;
///  - managers one after the other, in phases: dead ones go or are made again, updates, new ones, replaced ones, and
///    last those that go.
/// Sets the pool of every item: only disruptive updates are in a "rolling:" pool, those of managers in "membership".
Waves rollout(Draft& draft, const State& state, const PlanOptions& options);

inline constexpr const char* membership_pool = "membership";

}  // namespace skep
