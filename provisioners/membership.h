// Promotion and demotion, each behind a gate: two managers must see that the swarm bears the change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "provisioners/host_tools.h"
#include "provisioners/managers.h"

namespace skep {

/// What must hold before a node changes its role: may_promote or may_demote.
using Gate = Result<void> (*)(const std::vector<SwarmNode>&, std::string_view);

/// Waits, for at most 2 minutes, until two managers agree that the change is safe; `what` names the wait.
/// Errors: refused (it is not), unavailable (no manager answers).
Result<void> wait_for_gate(const HostTools& tools, Gate gate, const std::string& what, const Managers& managers,
                           const std::string& node_id, const Context& context);

/// Makes a worker of the node behind the resource, whose inputs name the host, the managers and the drain timeout.
/// Blocks until the others see it as a worker and it has given up control. A node that is none of them: done already.
/// Errors: refused (it is the last manager, or the quorum would be lost), unavailable.
Result<void> demote(const HostTools& tools, const Resource& resource, const std::string& node_id,
                    const Context& context);

}  // namespace skep
