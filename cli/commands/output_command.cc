#include "cli/commands/output_command.h"

#include "cli/commands/cluster.h"
#include "cli/commands/loaded_state.h"
#include "cli/exit_code.h"
#include "cli/render/nodes.h"
#include "cli/render/output_forms.h"

namespace skep {

Result<int> output_command(const Invocation& invocation, Outside& outside) {
  const SpecAndPaths opened = TRY(open_spec(invocation, outside));
  const auto store = TRY(outside.open_store(opened.paths.state, StateUse::read));
  const State state = TRY(load_state(*store, opened.paths.state));
  ClusterOutput output = {.cluster = opened.spec.name,
                          .nodes = nodes_of(opened.spec, state),
                          .floating_ips = floating_ips_of(opened.spec, state)};
  const auto swarm = state.records.find({"swarm", "main"});
  if (swarm != state.records.end()) output.swarm_id = swarm->second.object.remote_id;

  const std::string form = invocation.text("format", "json");
  if (form == "json" || (invocation.flag("json") && !invocation.has("format"))) {
    outside.out << dump_json_pretty(output_json(output));
    return exit_done;
  }
  // The other forms name the key, so that they work by themselves.
  const Login login = TRY(find_login(opened.spec, opened.paths, NewKey::pretend, outside));
  output.identity_file = login.identity_file;
  if (form == "dotenv") outside.out << output_dotenv(output);
  if (form == "ssh_config") outside.out << output_ssh_config(output);
  if (form == "inventory") outside.out << output_inventory(output);
  if (form == "docker-context") {
    const std::string text = output_docker_context(output);
    if (text.empty()) {
      return Error{ErrorCode::not_found, opened.spec.name + " has no manager yet", "make one with: skep apply"};
    }
    outside.out << text;
  }
  return exit_done;
}

}  // namespace skep
