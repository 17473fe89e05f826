// Many hosts at once, for those who must know of all of them before they do anything.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "provisioners/bootstrap.h"
#include "provisioners/host_tools.h"

namespace skep {

/// Calls `job` with each number from 0 to count - 1, many at once, and returns when all have ended.
void for_all(std::size_t count, const std::function<void(std::size_t)>& job);

/// Looks at all hosts at once, in their order; one that does not answer within `at_most` has no facts, and says why.
std::vector<HostLook> look_at_all(const HostTools& tools, std::span<const Member> members, Duration at_most,
                                  const Context& context);

/// The swarm as the first host among them sees that manages it; empty: none does.
std::vector<SwarmNode> nodes_seen(std::span<const HostLook> looks);

/// Why a host should carry no traffic now, in words that follow its name ("is locked"); empty: it may. `nodes`: as a
/// manager sees them; empty: no manager answers, and the host's own word counts. Pure.
std::string why_unfit(const HostLook& look, const std::vector<SwarmNode>& nodes);

}  // namespace skep
