// What goes before nodes that are disturbed or go: their siblings that go as well take no new tasks, and no balancer
// sends connections to a machine whose node is out of service. Pure.
#pragma once

#include <map>
#include <string>

#include "planner/engine/draft.h"
#include "planner/model/plan.h"

namespace skep {

/// Puts into the plan
///  - before the first of several nodes of a pool is emptied for good: all of them are paused ("availability" of their
///    swarm_node), so that tasks move once, to where they stay. Only where others take over: the nodes that are left,
///    or new ones that stand before the old ones go. Nodes that no longer exist in the spec count as one pool.
///    Nodes that cannot be seen, or that the swarm has given up, are left alone.
///  - before a node is emptied or disturbed, where its machine is "serving" behind a load balancer: no longer; and
///    after it was disturbed: serving again, before the next node has its turn.
/// `draft` holds the steps of its items. `pools`: the pool of each node of the spec. Linear in the plan.
void make_way(Plan& plan, Draft& draft, const State& state, const Schemas& schemas,
              const std::map<std::string, std::string>& pools);

}  // namespace skep
