// New join tokens, unlock key and CA of a swarm. None of them is shown to anybody or stored.
#pragma once

#include <string>

#include "provisioners/managers.h"

namespace skep {

/// A new "worker-token", "manager-token" or "unlock-key": the old one is of no use from now on. Members stay members; a
/// manager that is off keeps the old unlock key. Errors: refused (managers do not lock), unavailable.
Result<void> rotate(const Managers& managers, const std::string& what, const Context& context);

/// A new CA: every node gets a certificate of it, then the old one is forgotten, and the join tokens change. Waits for
/// that, at most 15 minutes; a rotation that is under way already is waited for, and no other is begun.
/// Errors: refused (a node is not ready, so that it could never end: names them), unavailable.
Result<void> rotate_ca(const HostTools& tools, const Managers& managers, const Context& context);

}  // namespace skep
