// A swarm that lost its quorum for good: which manager knows most, and how one of them goes on alone. Called by
// `skep recover` alone, after a person has confirmed it by name; never by a step of a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "provisioners/look_at_all.h"

namespace skep {

/// A manager as it looks from outside: no leader can be asked any more.
struct RaftLook {
  HostLook host;
  std::int64_t written = 0;  // when its raft log was last written, by its own clock; seconds since 1970; 0: never
  std::int64_t idle = 0;     // seconds between then and the look
  std::uint64_t snapshot_term = 0;
  std::uint64_t snapshot_index = 0;  // 0: there is no snapshot yet
};

/// Looks at all of them at once.
std::vector<RaftLook> look_at_raft(const HostTools& tools, std::span<const Member> managers, Duration at_most,
                                   const Context& context);

/// Why a manager cannot be the one that goes on; empty: it can. Pure.
std::string why_no_candidate(const RaftLook& look);

/// Of those that can go on, the one that knows most: the newest snapshot, then the log that was written last. Pure.
const RaftLook* most_advanced(std::span<const RaftLook> looks);

/// Errors: refused (a manager has a leader: nothing is lost; or some are locked, and unlocking may bring the quorum
/// back), unavailable (one says that it has a leader, and so few answer that this may be stale for half a minute).
/// Pure.
Result<void> check_is_lost(std::span<const RaftLook> looks);

/// Stops the engine of a host until forget_swarm() starts it again. Blocks until it is stopped. Errors: unavailable.
Result<void> fence(const HostTools& tools, const Member& member, const Context& context);

/// Makes a swarm of this manager alone, with all services, secrets and workers; waits until it leads, at most 2
/// minutes. All others must be fenced. Errors: unavailable.
Result<void> go_on_alone(const HostTools& tools, const RaftLook& chosen, const Context& context);

/// Takes a former manager out of the swarm that went on without it; it is in none afterwards, and an apply brings it
/// back. One at a time: two that wake up together may find a majority of the old swarm. Errors: unavailable.
Result<void> forget_swarm(const HostTools& tools, const Member& member, const Context& context);

}  // namespace skep
