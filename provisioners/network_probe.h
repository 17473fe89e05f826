// Whether packets of all sizes pass between all nodes: over the addresses that swarm traffic uses, and inside an
// overlay.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "provisioners/host_tools.h"
#include "provisioners/managers.h"

namespace skep {

/// What one node found out about the way to another: "ok", or what went wrong.
struct PathProbe {
  std::string from;
  std::string to;
  std::string small = {};  // 64 bytes
  std::string full = {};   // 1400 bytes that may not be cut
  std::string large = {};  // 64 KB in pieces
  bool is_good() const { return small == "ok" && full == "ok" && large == "ok"; }
};

/// Probes the private addresses, every pair in both directions, all nodes at once. A node that does not answer us gives
/// its reason for every pair that it should have probed. Blocks for about 10 s for each way that is dead.
std::vector<PathProbe> probe_addresses(const HostTools& tools, std::span<const Member> members, const Context& context);

struct OverlayProbe {
  std::vector<PathProbe> paths = {};
  std::string skipped = {};  // why nothing was tested; empty: it was
};

/// The same between containers on an attachable overlay network that is made for this and destroyed afterwards,
/// whatever happens. The containers hold the hosts' own perl: nothing is pulled. `encrypted`: its traffic is. Errors:
/// unavailable (no manager answers), cancelled.
Result<OverlayProbe> probe_overlay(const HostTools& tools, std::span<const Member> members, bool encrypted,
                                   const Context& context);

/// The answer of the script: for each target the name of its node and its address, in this order. Pure.
std::vector<PathProbe> probes_of(const std::string& from, std::span<const std::pair<std::string, std::string>> targets,
                                 const Result<std::string>& output);

}  // namespace skep
