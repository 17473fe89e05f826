#include "cli/commands/node_commands.h"

#include "cli/commands/cluster.h"
#include "cli/commands/loaded_state.h"
#include "cli/commands/planning.h"
#include "cli/commands/run_command.h"
#include "cli/commands/ssh_command.h"

namespace skep {

namespace {

struct KnownNodes {
  std::vector<NodeInfo> nodes;
  Login login;
};

/// From the state alone: no cloud is asked for a shell.
Result<KnownNodes> known_nodes(const Invocation& invocation, Outside& outside) {
  const SpecAndPaths opened = TRY(open_spec(invocation, outside));
  const auto store = TRY(outside.open_store(opened.paths.state, StateUse::read));
  const State state = TRY(load_state(*store, opened.paths.state));
  KnownNodes known = {.nodes = nodes_of(opened.spec, state), .login = {}};
  known.login = TRY(find_login(opened.spec, opened.paths, NewKey::pretend, outside));
  return known;
}

}  // namespace

Result<int> ssh_on_node(const Invocation& invocation, Outside& outside) {
  KnownNodes known = TRY(known_nodes(invocation, outside));
  const std::string scratch = variable(outside, "TMPDIR");
  const ShellRequest request = {
      .node = TRY(node_named(invocation.argument("NODE"), known.nodes)),
      .credentials = std::move(known.login.credentials),
      .identity_file = known.login.identity_file,
      .command = invocation.tail,
      .has_terminal = outside.terminal.input_is_terminal() && outside.terminal.output_is_terminal(),
      .scratch_folder = scratch.empty() ? "/tmp" : scratch,
  };
  outside.out.flush();
  outside.err.flush();
  return open_shell(request, outside.files, outside.processes, outside.random);
}

Result<int> run_on_nodes(const Invocation& invocation, Outside& outside) {
  RunRequest request = {.command = invocation.tail, .json = invocation.flag("json")};
  request.parallelism = TRY(parallelism_of(invocation));
  request.timeout = TRY(invocation.duration("timeout", std::chrono::minutes(10)));
  KnownNodes known = TRY(known_nodes(invocation, outside));
  request.nodes = TRY(select_nodes(invocation.argument("SELECTOR"), known.nodes));
  const auto ssh = outside.make_ssh(std::move(known.login.credentials));
  return run_side_by_side(request, *ssh, outside.clock, outside.stop, outside.out, outside.err);
}

}  // namespace skep
