// Control groups of a machine, on version 1, hybrid and version 2: where they are, who goes into them, their limits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/base/result.h"
#include "providers/local/limits.h"

namespace skep {

/// The mounted hierarchies, from the text of /proc/mounts.
struct CgroupMounts {
  bool unified = false;              // version 2 alone, at /sys/fs/cgroup
  std::vector<std::string> folders;  // mount points; of version 2 alone just one
};
CgroupMounts cgroup_mounts(std::string_view proc_mounts);

/// Where the machine `unit` lives on version 2: the unit's own group when systemd started us with Delegate=yes
/// (`proc_self_cgroup`: "0::/system.slice/skep-UNIT.service"), else skep/UNIT below the top.
std::string unified_home(std::string_view proc_self_cgroup, std::string_view unit);

/// The groups of one machine, made by its supervisor, who moves in himself.
class Cgroups {
 public:
  /// Errors: denied, unavailable: names the folder and what to do.
  static Result<Cgroups> make(const std::string& unit, const Limits& limits);

  /// Puts a process of boot number `boot` where it belongs: on version 2 into a new group of its own.
  Result<void> place(int pid, int boot);
  const std::vector<std::string>& folders() const { return folders_; }

 private:
  bool unified_ = false;
  std::vector<std::string> folders_;
};

/// Sets or lifts the limits of groups that exist. Errors: denied, unavailable.
Result<void> set_limits(const std::vector<std::string>& folders, const Limits& limits);

/// Destroys the machine's groups, those in `known` and any that carry its name. Nothing must live in them any more.
/// Returns whether all are gone.
bool destroy_cgroups(const std::vector<std::string>& known, const std::string& unit);

}  // namespace skep
