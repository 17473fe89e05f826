#include "cli/commands/plan_command.h"

#include "cli/commands/ci_outputs.h"
#include "cli/commands/cluster.h"
#include "cli/commands/loaded_state.h"
#include "cli/commands/notifier.h"
#include "cli/commands/planning.h"
#include "cli/commands/pricing.h"
#include "cli/commands/saved_plan.h"
#include "cli/exit_code.h"
#include "cli/render/plan_report.h"
#include "cli/styles.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

void tell_of_destroys(const Cluster& cluster, const Plan& plan, const Invocation& invocation, Outside& outside) {
  Notification notification = notification_of_plan(plan);
  if (notification.destroyed.empty()) return;
  notification.operation = "plan";
  notification.plan_digest = digest_of(plan);
  Notifier(cluster.spec, cluster.paths.spec_folder, invocation, outside).tell(std::move(notification));
}

}  // namespace

Result<int> plan_command(const Invocation& invocation, Outside& outside) {
  const PlanRequest request = TRY(plan_request(invocation));
  const std::string file = invocation.text("out");
  CiOutputs outputs = TRY(open_ci_outputs(invocation, outside));
  // A saved plan names the login key of the machines it makes, so that key must last.
  const auto cluster = TRY(open_cluster(invocation, file.empty() ? LoginUse::look : LoginUse::make, outside));
  if (request.allow_unschedulable) cluster->spec.rollout.allow_unschedulable = {"*"};
  const auto store = TRY(outside.open_store(cluster->paths.state, StateUse::read));
  const State stored = TRY(load_state(*store, cluster->paths.state));
  const auto history = TRY(store->history());
  PlanHeader header = plan_header(*cluster, stored, history, outside.clock.wall());
  Plan plan = TRY(make_cluster_plan(*cluster, request, stored, invocation, outside));
  if (!file.empty()) plan.commit = origin_of(cluster->paths.spec_folder, outside).commit;
  if (!plan.empty() || has_spending_limit(invocation)) header.bill = bill_of(*cluster, plan, stored, outside);
  if (invocation.flag("json")) {
    outside.out << dump_json_pretty(plan_report(plan, header));
  } else {
    outside.out << plan_text(plan, header, style_of_output(invocation, outside));
  }
  outside.out.flush();
  TRY(outputs.publish_plan({"plan", plan, header}, plan_report(plan, header)));
  tell_of_destroys(*cluster, plan, invocation, outside);
  TRY(check_spending(header.bill, invocation));
  if (!file.empty()) {
    TRY(write_plan(plan, file, outside));
    outside.out.flush();
    outside.err << "saved (" << digest_of(plan).substr(0, digest_shown) << "); apply exactly this with: skep apply "
                << file << "\n";
  }
  return invocation.flag("detailed-exitcode") && !plan.empty() ? exit_changes : exit_done;
}

}  // namespace skep
