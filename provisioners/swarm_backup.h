// A copy of the swarm's own state from a manager whose engine stops for it, and is proved to be back afterwards.
#pragma once

#include <string>
#include <vector>

#include "provisioners/bootstrap.h"
#include "provisioners/managers.h"

namespace skep {

struct BackupWish {
  std::string node = {};      // empty: the best
  bool allow_outage = false;  // also where the control plane stops meanwhile: one or two managers
};

/// Which manager may stop for a backup: reachable, not the leader, and the others keep a quorum. Of several the one
/// that runs least. `looks`: at all managers. Pure. Errors: refused (no outage is borne), unavailable (no manager
/// answers), invalid_input (the node that was asked for).
Result<HostLook> backup_source(const std::vector<HostLook>& looks, const BackupWish& wish);

/// Empties the node if it runs something and others can take it, stops its engine, archives /var/lib/docker/swarm whole
/// (tar, gzip) with skep's note of whose swarm it is, starts the engine, unlocks it, waits until the managers see it
/// reachable and ready, and gives it its availability back. Returns the archive; it holds the swarm's keys in the
/// clear. Errors: unavailable (also when it did not come back: says so), internal (the archive did not arrive whole).
Result<std::string> take_backup(const HostTools& tools, const HostLook& source, const Managers& managers,
                                Duration drain_timeout, const Context& context);

}  // namespace skep
