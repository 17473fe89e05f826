// A machine's life on this computer: written down, given its identity, started, awaited, ended, destroyed.
#pragma once

#include <string>

#include "planner/base/result.h"
#include "planner/model/resource.h"
#include "providers/local/file_lock.h"
#include "providers/local/machine_record.h"
#include "providers/local/tools.h"

namespace skep {

/// What a machine is to be.
struct MachineWish {
  std::string cluster;
  ResourceId id;
  std::string image;
  std::string type;
  std::vector<std::string> authorized_keys;
  std::vector<std::string> volumes;
};

/// Writes the machine down: name, address, keys. What is written down already stays, so that repeating a creation that
/// was cut off changes nothing. The host key is made here, before anything boots.
Result<LocalMachine> record_machine(const LocalTools& tools, const MachineWish& wish, const std::string& base,
                                    const Context& context);
/// Replaces what is written down.
Result<void> rewrite_machine(const LocalTools& tools, const LocalMachine& machine);

/// Puts what only this machine has into its files: names, keys, name servers. Only while it is off.
Result<void> write_identity(const LocalTools& tools, const LocalMachine& machine);

/// Starts its supervisor, which outlives us. A machine that runs is left alone.
Result<void> start_machine(const LocalTools& tools, const LocalMachine& machine, const Context& context);
bool is_running(const LocalTools& tools, const LocalMachine& machine);

/// Blocks until systemd is ready and sshd greets. Errors: unavailable (it ended, or the deadline; with its last words).
Result<void> wait_until_ready(const LocalTools& tools, const LocalMachine& machine, const Context& context);

/// Cuts its power. Absent is success. The lock keeps it from being started again.
Result<FileLock> end_machine(const LocalTools& tools, const MachineFolder& folder, const Context& context);

/// Ends it and takes everything of it away, also what a crash in the middle of its creation left.
Result<void> destroy_machine(const LocalTools& tools, const std::string& cluster, const ResourceId& id,
                             const Context& context);

MachineFolder folder_of(const LocalTools& tools, const LocalMachine& machine);

}  // namespace skep
