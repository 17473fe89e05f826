// The logic of `skep run`: one command on many nodes, side by side, every line with the name of its node.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/render/nodes.h"
#include "planner/base/result.h"
#include "planner/engine/thread_runner.h"
#include "planner/system/clock.h"
#include "planner/system/ssh.h"

namespace skep {

/// The nodes that a selector names: items between commas, each "all", a role ("manager", "worker", also "managers",
/// "workers"), a pool or a node, with * in the last two. In the order of `nodes`, none twice.
/// Errors: invalid_input (an item that names nothing, with the one that may be meant).
Result<std::vector<NodeInfo>> select_nodes(std::string_view selector, const std::vector<NodeInfo>& nodes);

struct RunRequest {
  std::vector<NodeInfo> nodes;
  std::vector<std::string> command;  // one word: a line of shell; several: a program and its arguments
  std::size_t parallelism = usual_threads;
  Duration timeout = std::chrono::minutes(10);
  Duration timeout_connect = std::chrono::seconds(20);  // a node that cannot be reached is not waited for any longer
  bool json = false;
};

/// Runs the command as root on every node and waits for all. What a node printed comes when it has ended: its stdout to
/// `out` and its stderr to `err`, each line as "NAME | line", and last the failures, to `err`. With `json` one record
/// to `out`: {"format_version", "type": "run", "command", "failed", "nodes": [{"node", "ok", "exit_code", "out", "err",
/// "error", "seconds"}]}. Commands that run are waited for, also after a stop.
/// Returns 0, or 1 when it failed anywhere; 5 when it was stopped before it began somewhere.
/// Errors: invalid_input (no command).
Result<int> run_side_by_side(const RunRequest& request, Ssh& ssh, const Clock& clock, std::stop_token stop,
                             std::ostream& out, std::ostream& err);

}  // namespace skep
