// The process that keeps one local machine running: `skep local-machine FOLDER`, started detached by the driver.
#pragma once

#include <string>

namespace skep {

/// Boots the machine described in `folder`, again after each reboot, until it powers off or is killed. Returns an exit
/// code: 0 powered off or stopped, 1 anything else, with the reason on stderr. SIGTERM and SIGINT power the machine
/// off. To be called before the process has a second thread: it clones itself.
int run_local_machine(const std::string& folder);

}  // namespace skep
