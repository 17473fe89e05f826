// The table of host kinds, and how a node expands into them.
#pragma once

#include <memory>

#include "planner/engine/provider.h"
#include "planner/system/clock.h"
#include "planner/system/ssh.h"

namespace skep {

/// References must outlive the result.
std::unique_ptr<HostKinds> make_host_kinds(Ssh& ssh, const Clock& clock);

}  // namespace skep
