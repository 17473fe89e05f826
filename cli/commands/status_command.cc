#include "cli/commands/status_command.h"

#include "cli/commands/cluster.h"
#include "cli/commands/loaded_state.h"
#include "cli/commands/planning.h"
#include "cli/exit_code.h"
#include "cli/render/status_text.h"
#include "cli/styles.h"

namespace skep {

namespace {

constexpr Duration pause_between_looks = std::chrono::seconds(2);

/// Everything anew: an edited spec counts, and nothing remembered is shown as if it were seen.
Result<ClusterStatus> look_once(const Invocation& invocation, Outside& outside) {
  PlanRequest request;
  request.only_looks = true;
  request.parallelism = TRY(parallelism_of(invocation));
  const auto cluster = TRY(open_cluster(invocation, LoginUse::look, outside));
  const auto store = TRY(outside.open_store(cluster->paths.state, StateUse::read));
  const auto history = TRY(store->history());
  const State stored = TRY(load_state(*store, cluster->paths.state));
  const Observed observed = TRY(observe_cluster(*cluster, request, stored, invocation, outside));
  ClusterStatus status = cluster_status(cluster->spec, observed.state);
  const Context context = {.deadline = outside.clock.now() + std::chrono::seconds(45), .stop = outside.stop};
  status.swarm = TRY(cluster->hosts->condition(observed.state, context));
  status.header = plan_header(*cluster, stored, history, outside.clock.wall());
  auto plan = plan_observed(*cluster, request, observed);
  if (plan.ok()) {
    status.plan = std::move(plan).value();
  } else {
    status.plan_error = plan.error().message;
  }
  return status;
}

void show(const ClusterStatus& status, const Invocation& invocation, Outside& outside) {
  const bool is_watching = invocation.flag("watch");
  if (invocation.flag("json")) {
    outside.out << (is_watching ? dump_json(status_json(status)) + "\n" : dump_json_pretty(status_json(status)));
  } else {
    if (is_watching && outside.terminal.output_is_terminal()) outside.out << "\033[H\033[2J";
    outside.out << status_text(status, style_of_output(invocation, outside));
  }
  outside.out << std::flush;
}

}  // namespace

Result<int> status_command(const Invocation& invocation, Outside& outside) {
  while (true) {
    const auto status = look_once(invocation, outside);
    if (!status.ok() && invocation.flag("watch") && outside.stop.stop_requested()) return exit_done;
    if (!status.ok()) return status.error();
    show(status.value(), invocation, outside);
    if (!invocation.flag("watch")) {
      const bool is_as_wanted = status.value().is_healthy() && !status.value().has_drift();
      return invocation.flag("detailed-exitcode") && !is_as_wanted ? exit_changes : exit_done;
    }
    if (!outside.clock.sleep(pause_between_looks, {.stop = outside.stop}).ok()) return exit_done;
  }
}

}  // namespace skep
