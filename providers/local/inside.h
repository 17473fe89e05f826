// Commands in a machine that runs, run from outside: no network and no login involved.
#pragma once

#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/system/processes.h"

namespace skep {

struct InsideCommand {
  int leader = 0;      // the machine's PID 1, see MachineRun
  std::string script;  // for /bin/sh -euc, in the machine's files; it sees no /proc of its own
  std::vector<std::string> arguments = {};
  std::string input = {};
};

/// Errors: unavailable (the script failed, the machine has ended).
Result<void> run_inside(Processes& processes, const InsideCommand& command, const Context& context);

}  // namespace skep
