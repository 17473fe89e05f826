// Whether a swarm is well: its managers agree, its nodes are ready, its services run as they should, and stay so. The
// gate before and after everything that disturbs a node.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "planner/engine/provider.h"
#include "provisioners/managers.h"

namespace skep {

/// How services stand, out of the engine's GET /services?status=true and GET /tasks (those wanted to run).
struct ServiceHealth {
  std::vector<std::string> waiting = {};  // passes by itself, or may: "shop_web (2 of 3)"
  std::vector<std::string> broken = {};   // does not: "shop_web: its update is paused (...)"
  std::size_t services = 0;               // that were looked at
  std::set<std::string> running = {};     // ids of the tasks that run: another set is another state
  bool is_well() const { return waiting.empty() && broken.empty(); }
};

/// A service is well when no update of it goes on, is paused or was rolled back, and as many of its tasks run, on nodes
/// that are not down, as are wanted; a global one needs one for each that the swarm wants to run. Jobs are not looked
/// at, nor services with the label skep.health=ignore.
/// Nor does one count, if `allowed` (names with *) has it, that only waits for a node that there is not.
ServiceHealth service_health(const Json& services, const Json& tasks, const std::vector<SwarmNode>& nodes,
                             const std::vector<std::string>& allowed = {});

/// Whether a task waits because the scheduler finds no node for it; `status` is the task's "Status".
bool has_no_node(const Json& status);

/// Whether one of the patterns (with *) is the name.
bool matches_any(const std::vector<std::string>& patterns, std::string_view name);

/// What is wrong with members and nodes, in the eyes of one or two managers; empty: nothing. Nodes that are drained and
/// manage nothing are not looked at, nor is `except` (a node id; empty: none).
std::string member_trouble(const std::vector<SwarmView>& views, std::string_view except);

/// How the swarm is now, by the managers on record. See HostKinds::condition.
Result<std::optional<SwarmCondition>> look_at_condition(const State& state, const HostTools& tools,
                                                        const Context& context);

/// What "allow_unschedulable" among the inputs says.
std::vector<std::string> allowed_services(const Json& inputs);

struct HealthGate {
  std::string what;                       // "before worker-1 is drained"
  std::string except = {};                // id of a node whose own state does not count
  bool only_services = false;             // whatever managers and nodes are like
  std::vector<std::string> allowed = {};  // services that may be without a place
  Duration settle = {};                   // how long nothing may change before the gate opens
  Duration at_most = std::chrono::minutes(10);
};

/// Waits until the swarm is well in the eyes of two managers and nothing changes for `settle`, in two looks at least.
/// Where no task runs there is nothing to settle. Blocks for at most gate.at_most.
/// Errors: refused (a service is broken: names it), unavailable (it did not come: says what was seen last), cancelled.
Result<void> pass(const HealthGate& gate, const HostTools& tools, const Managers& managers, const Context& context);

}  // namespace skep
