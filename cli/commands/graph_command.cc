#include "cli/commands/graph_command.h"

#include "cli/commands/cluster.h"
#include "cli/commands/loaded_state.h"
#include "cli/commands/planning.h"
#include "cli/exit_code.h"
#include "cli/render/graph.h"
#include "planner/base/ssh_key.h"

namespace skep {

namespace {

/// The picture needs no key that works: a made-up one keeps the command free of logins.
Result<Graph> graph_of_resources(const Invocation& invocation, Outside& outside) {
  auto cluster = TRY(open_cluster(invocation, LoginUse::none, outside));
  cluster->login.authorized_keys = {ed25519_key_pair({}, "graph").public_line};
  return resource_graph(TRY(expand_cluster(*cluster)).resources);
}

Result<Graph> graph_of_plan(const Invocation& invocation, Outside& outside) {
  const auto cluster = TRY(open_cluster(invocation, LoginUse::look, outside));
  const auto store = TRY(outside.open_store(cluster->paths.state, StateUse::read));
  State stored = TRY(load_state(*store, cluster->paths.state));
  return plan_graph(TRY(make_cluster_plan(*cluster, {}, std::move(stored), invocation, outside)));
}

}  // namespace

Result<int> graph_command(const Invocation& invocation, Outside& outside) {
  const Graph graph =
      invocation.flag("plan") ? TRY(graph_of_plan(invocation, outside)) : TRY(graph_of_resources(invocation, outside));
  if (invocation.flag("json")) {
    outside.out << dump_json_pretty(graph_json(graph));
  } else {
    outside.out << (invocation.text("format", "mermaid") == "dot" ? dot_text(graph) : mermaid_text(graph));
  }
  return exit_done;
}

}  // namespace skep
