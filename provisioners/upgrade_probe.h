// The first node that runs another version of the engine: whether containers on it still reach those of other nodes.
#pragma once

#include <set>
#include <string>

#include "provisioners/host_tools.h"
#include "provisioners/managers.h"

namespace skep {

/// Probes both ways between the node and a manager, between containers on an overlay network that is made for this,
/// when no other ready node had its version before it was disturbed (`before`: those of the others, at that time); else
/// does nothing. Two that get a version at the same moment are both probed. The node must take tasks: an engine
/// attaches containers to networks of the swarm only then. Where no container can be made, that is said and no error.
/// Blocks for some seconds, and for about 10 s more for each way that is dead. Errors: unavailable (packets of some
/// size do not pass; no manager answers), cancelled.
Result<void> probe_first_of_version(const HostTools& tools, const Member& node, const std::set<std::string>& before,
                                    const Managers& managers, const Context& context);

}  // namespace skep
