// Emptying a node: what still runs on it, and which services have not found their new places yet.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "provisioners/managers.h"

namespace skep {

/// A service as far as a drain looks at it.
struct ServiceLook {
  std::string id;
  std::string name;
  std::int64_t running = 0;
  std::int64_t wanted = 0;
};

/// What stands on a node: tasks that are wanted there or have not ended, by "SERVICE (STATE)", and their services.
struct NodeLoad {
  std::vector<std::string> tasks = {};
  std::vector<std::string> services = {};  // ids of those that are wanted to run there, sorted
};

/// Out of the engine's GET /tasks (of one node) and GET /services?status=true.
std::vector<ServiceLook> services_of(const Json& services);
NodeLoad load_of(const Json& tasks, const std::vector<ServiceLook>& services);

/// Of the services that ran on the node (`before`, as they were then): those that now run less than they did, or
/// than is wanted, whichever is less. "shop_db (0 of 1)"
std::vector<std::string> displaced(const std::vector<ServiceLook>& before, const std::vector<ServiceLook>& now);

/// Those of the services, by id, that match `allowed` (names with *) and of which a task waits for a node that there is
/// not. From GET /tasks.
std::set<std::string> unplaceable(const Json& tasks, const std::vector<ServiceLook>& services,
                                  const std::vector<std::string>& allowed);

/// A node to be emptied.
struct DrainOrder {
  SwarmNode node;
  Duration at_most = {};
  std::vector<std::string> allowed = {};  // services that need not find a place elsewhere
};

/// Why tasks of these services wait, in the scheduler's words: "shop_db: no suitable node (...)". From GET /tasks.
std::vector<std::string> scheduler_reasons(const Json& tasks, const std::vector<ServiceLook>& services);

/// Sets the node to drain and waits until no task is left on it and every displaced service is back but those that may
/// stay without a place. Repeating it goes on. Errors: unavailable (names tasks, services and the scheduler's reasons;
/// the node stays drained), cancelled.
Result<void> drain_node(const DrainOrder& order, const HostTools& tools, const Managers& managers,
                        const Context& context);

}  // namespace skep
