#include "cli/commands/apply_command.h"

#include "cli/commands/apply_run.h"
#include "cli/commands/approval.h"
#include "cli/commands/ci_outputs.h"
#include "cli/commands/cluster.h"
#include "cli/commands/loaded_state.h"
#include "cli/commands/locking.h"
#include "cli/commands/log_section.h"
#include "cli/commands/notifier.h"
#include "cli/commands/planning.h"
#include "cli/commands/pricing.h"
#include "cli/commands/redaction.h"
#include "cli/commands/saved_plan.h"
#include "cli/exit_code.h"
#include "cli/render/plan_report.h"
#include "cli/render/plan_rows.h"
#include "cli/styles.h"

namespace skep {

namespace {

/// A saved plan says itself what is to be done.
Result<void> check_options(const Invocation& invocation) {
  if (invocation.path.front() != "apply") return {};
  if (invocation.argument("PLANFILE").empty()) {
    if (!invocation.flag("replan-if-equal")) return {};
    return Error{ErrorCode::invalid_input, "--replan-if-equal needs a saved plan",
                 "name it: skep apply --replan-if-equal PLANFILE"};
  }
  for (const char* option :
       {"destroy", "only", "except", "replace", "refresh", "allow-protected", "allow-unschedulable"}) {
    if (!invocation.has(option)) continue;
    return Error{ErrorCode::invalid_input, "--" + std::string(option) + " and a saved plan contradict one another",
                 "the plan was made with such options: make it again with skep plan --" + std::string(option)};
  }
  return {};
}

/// What is to be done: the saved plan when one is named, else a new one.
Result<Plan> plan_to_apply(Cluster& cluster, const PlanRequest& request, const State& stored,
                           const Invocation& invocation, Outside& outside) {
  const std::string plan_file = invocation.path.front() == "apply" ? invocation.argument("PLANFILE") : "";
  if (!plan_file.empty()) return fresh_enough_plan(plan_file, cluster, request, stored, invocation, outside);
  return make_cluster_plan(cluster, request, stored, invocation, outside);
}

void show(const Plan& plan, const PlanHeader& header, const Invocation& invocation, Outside& outside) {
  if (invocation.flag("json")) {
    outside.out << dump_json(plan_report(plan, header)) << std::endl;
  } else {
    outside.out << plan_text(plan, header, style_of_output(invocation, outside)) << std::flush;
  }
}

void say_nothing_done(const std::string& operation, const Invocation& invocation, Outside& outside) {
  if (!invocation.flag("json")) outside.out << "\n" << complete_line({}, operation) << "\n";
}

struct Apply {
  Cluster& cluster;
  const PlanRequest& request;
  const std::string& operation;
  bool is_approved;
  CiOutputs& outputs;
  Notifier& notifier;
};

Result<int> apply_locked(const Apply& apply, const Invocation& invocation, Outside& outside) {
  const auto& [cluster, request, operation, is_approved, outputs, notifier] = apply;
  TRY(make_state_folder(cluster.paths, outside));
  const auto store = TRY(outside.open_store(cluster.paths.state, StateUse::write));
  const auto lock = TRY(take_lock(*store, operation, invocation, outside));
  const State stored = TRY(load_state(*store, cluster.paths.state));

  const Plan plan = TRY(plan_to_apply(cluster, request, stored, invocation, outside));
  PlanHeader header = plan_header(cluster, stored, TRY(store->history()), outside.clock.wall());
  const bool is_limited = operation == "apply" && has_spending_limit(invocation);
  if (!plan.empty() || is_limited) header.bill = bill_of(cluster, plan, stored, outside);
  {
    const LogSection section("skep_plan", "the plan", outside.out, invocation, outside);
    show(plan, header, invocation, outside);
  }
  if (is_limited) TRY(check_spending(header.bill, invocation));
  if (plan.empty()) {
    say_nothing_done(operation, invocation, outside);
    outputs.publish_run({operation, plan, header}, plan_report(plan, header));
    return exit_done;
  }
  if (!is_approved && !TRY(ask_for_approval(operation, cluster.spec.name, outside))) {
    return Error{ErrorCode::invalid_input, operation + " was not approved; nothing was done"};
  }
  return run_plan({.cluster = cluster,
                   .plan = plan,
                   .header = header,
                   .stored = stored,
                   .store = *store,
                   .outputs = outputs,
                   .notifier = notifier,
                   .operation = operation,
                   .parallelism = request.parallelism},
                  invocation, outside);
}

void tell_of_failure(const Apply& apply, const Error& error, const Outside& outside) {
  Notification notification = {.event = "failure", .operation = apply.operation};
  notification.outcome = "failed: " + without_secrets(error.message, outside);
  apply.notifier.tell(std::move(notification));
}

Result<int> apply(const Invocation& invocation, Outside& outside) {
  TRY(check_options(invocation));
  const PlanRequest request = TRY(plan_request(invocation));
  const std::string operation = request.destroy ? "destroy" : "apply";
  const bool is_approved =
      invocation.flag("auto-approve") || (operation == "apply" && !invocation.argument("PLANFILE").empty());
  if (const auto missing = approval_missing(operation, is_approved, invocation, outside)) {
    outside.err << *missing << std::flush;
    return exit_usage;
  }
  CiOutputs outputs = TRY(open_ci_outputs(invocation, outside));
  const auto cluster = TRY(open_cluster(invocation, LoginUse::make, outside));
  if (request.allow_unschedulable) cluster->spec.rollout.allow_unschedulable = {"*"};
  Notifier notifier(cluster->spec, cluster->paths.spec_folder, invocation, outside);
  const Apply parts = {*cluster, request, operation, is_approved, outputs, notifier};
  auto code = apply_locked(parts, invocation, outside);
  // Whoever was asked sits before the screen.
  if (!code.ok() && is_approved) tell_of_failure(parts, code.error(), outside);
  return code;
}

}  // namespace

Result<int> apply_command(const Invocation& invocation, Outside& outside) { return apply(invocation, outside); }

Result<int> destroy_command(const Invocation& invocation, Outside& outside) { return apply(invocation, outside); }

}  // namespace skep
