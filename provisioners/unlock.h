// Managers that lock: the key is asked from a manager that has it, lives in memory alone, and is told on stdin.
#pragma once

#include <string>

#include "planner/base/secret.h"
#include "provisioners/host_tools.h"
#include "provisioners/managers.h"

namespace skep {

/// Unlocks the engine of a manager if it is locked, and waits until it is back in its swarm, at most 3 minutes. Call it
/// after an engine has been restarted, or to see whether it needs a key. Returns whether it was locked.
/// Errors: refused (locked, and `key` is empty), invalid_input (not its key), unavailable.
Result<bool> unlock_if_locked(const HostTools& tools, const Member& member, const Secret& key, const Context& context);

/// tools.change() with a script that may restart the engine. Where managers lock, the key is asked from this one first,
/// and it is unlocked afterwards, also when the script failed. `facts`: the host's, from before.
Result<std::string> change_and_unlock(const HostTools& tools, const Member& member, const Facts& facts,
                                      const Script& script, const Context& context);

}  // namespace skep
