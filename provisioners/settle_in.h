// A node that has just joined gets its share: the tasks that every fitting node has.
#pragma once

#include <string>
#include <vector>

#include "provisioners/managers.h"
#include "provisioners/scheduler.h"

namespace skep {

/// The global services that should run on the node and do not yet, by name. `tasks`: GET /tasks, those wanted to run.
std::vector<std::string> missing_on(const std::string& node_id, const SwarmPicture& picture, const Json& tasks);

/// Waits, for at most a minute, until the global services run on the node, so that what sends traffic to it (a floating
/// IP, a load balancer) finds them there. A service that does not start is said, and no reason to fail: the node may be
/// there to help it. Errors: cancelled.
Result<void> settle_in(const HostTools& tools, const Managers& managers, const std::string& node_id,
                       const Context& context);

}  // namespace skep
