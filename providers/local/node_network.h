// A machine's network namespace and its cable to the cluster's bridge: made anew before each boot, because one that is
// kept would keep what Docker did in it.
#pragma once

#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/system/processes.h"
#include "providers/local/machine_record.h"

namespace skep {

/// Destroys what is left of the last boot, then makes namespace, cable, addresses and route.
/// `floating`: addresses without prefix that the machine holds besides its own.
/// Errors: not_found (the bridge is gone), unavailable.
Result<void> make_node_network(Processes& processes, const LocalMachine& machine,
                               const std::vector<std::string>& floating, const Context& context);
/// Absent is success.
Result<void> destroy_node_network(Processes& processes, const LocalMachine& machine, const Context& context);

/// The floating addresses that are assigned to a machine, as written down.
Result<std::vector<std::string>> floating_addresses_of(const Files& files, const LocalPaths& paths,
                                                       const LocalMachine& machine);

}  // namespace skep
