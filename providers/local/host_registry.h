// What clusters share on this computer, whatever root they lie under: who uses which range, and the computer's own
// settings as they were before the first cluster.
#pragma once

#include <map>
#include <string>

#include "planner/base/result.h"
#include "providers/local/file_lock.h"
#include "providers/local/subnet.h"
#include "providers/local/tools.h"

namespace skep {

/// One at a time changes bridges, firewall, settings and the registry. Held while the result lives.
Result<FileLock> lock_host(const LocalTools& tools, const Context& context);

/// Ranges by cluster folder, of clusters whose folder exists. To be called under the lock, like the rest.
Result<std::map<std::string, Subnet>> registered_ranges(const LocalTools& tools);
Result<void> register_range(const LocalTools& tools, const std::string& cluster_folder, const Subnet& range);
/// The last one to go also has the computer's settings put back, unless somebody changed them meanwhile.
Result<void> unregister_range(const LocalTools& tools, const std::string& cluster_folder);

/// Raises the settings that machines need (forwarding, watches of files); what they were is written down first.
Result<void> raise_host_settings(const LocalTools& tools);

}  // namespace skep
