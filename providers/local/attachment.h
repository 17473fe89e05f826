// Volumes on machines: which machine has one, and how it gets into a machine that runs.
#pragma once

#include <optional>
#include <string>

#include "planner/base/result.h"
#include "providers/local/machine_record.h"
#include "providers/local/tools.h"

namespace skep {

/// Where a volume's bytes lie.
std::string volume_file(const LocalTools& tools, std::string_view cluster, std::string_view folder);

/// The running machine of the cluster that has the volume (a remote id), or nothing.
Result<std::optional<LocalMachine>> running_holder(const LocalTools& tools, const std::string& cluster,
                                                   const std::string& volume);

/// Errors: conflict: another machine that runs has one of its volumes; a disk in two machines would be destroyed.
Result<void> check_volumes_are_free(const LocalTools& tools, const LocalMachine& machine);

/// Makes the device appear in a machine that runs. Errors: conflict (another machine has it), unavailable.
Result<void> attach_to_running(const LocalTools& tools, const LocalMachine& machine, const MachineRun& run,
                               const std::string& volume, const Context& context);

/// Takes the device out of a machine that runs. Errors: refused (it is mounted there).
Result<void> detach_from_running(const LocalTools& tools, const LocalMachine& machine, const MachineRun& run,
                                 const std::string& volume, const Context& context);

}  // namespace skep
