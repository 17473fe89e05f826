#include "cli/commands/saved_plan.h"

#include <set>

#include "cli/commands/origin.h"
#include "cli/commands/state_keys.h"
#include "planner/base/text.h"
#include "planner/engine/staleness.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

constexpr std::size_t plan_limit_bytes = 256u << 20;  // a plan of 10 000 resources takes about 20 MB

std::string begin_of(const std::string& digest) { return digest.substr(0, digest_shown); }

std::string again_hint(const std::string& path) { return "make it again: skep plan -out " + path; }

Error stale(const std::string& path, const std::string& moved) {
  return {ErrorCode::invalid_input, "the saved plan " + path + " is stale: " + moved, again_hint(path)};
}

}  // namespace

Result<void> write_plan(const Plan& plan, const std::string& path, Outside& outside) {
  KeyRing keys = TRY(state_keys(outside));
  const std::string text =
      TRY(keys.seal({{"type", "sealed_plan"}, {"tool", "skep"}}, dump_json_pretty(plan_json(plan)), outside.random));
  return outside.files.write(path, text, 0600).doing("save the plan");
}

Result<Plan> read_plan(const std::string& path, const Outside& outside) {
  const std::string stored = TRY(outside.files.read(path, plan_limit_bytes).doing("the saved plan"));
  KeyRing keys = TRY(state_keys(outside));
  const std::string text = TRY(keys.open(stored, "the saved plan " + path));
  const auto json = parse_json(text, path);
  if (!json.ok()) {
    return Error{ErrorCode::invalid_input, path + " is no saved plan of skep", "save one with: skep plan -out FILE"};
  }
  return plan_from_json(json.value()).doing(path);
}

std::vector<std::string> moved_since(const Plan& plan, const Spec& spec, const std::string& commit,
                                     const State& state) {
  std::vector<std::string> moved;
  if (plan.spec_digest != spec.digest) {
    moved.push_back("the spec has changed since (digest " + begin_of(plan.spec_digest) + ", now " +
                    begin_of(spec.digest) + ")");
  }
  if (plan.commit != commit) {
    const auto shown = [](const std::string& one) { return one.empty() ? std::string("none") : one; };
    moved.push_back("the commit was " + shown(plan.commit) + " and is " + shown(commit));
  }
  // A state that nothing was ever written to has no identity of its own yet.
  const bool is_new = plan.state_serial == 0 && state.serial == 0;
  if (!is_new && plan.lineage != state.lineage) {
    moved.emplace_back("it was made from another state (lineage " + plan.lineage + ", here " + state.lineage + ")");
  } else if (plan.state_serial != state.serial) {
    moved.push_back("the state has moved on from serial " + std::to_string(plan.state_serial) + " to " +
                    std::to_string(state.serial));
  }
  std::set<ResourceId> planned;
  for (const auto& step : plan.steps) planned.insert(step.resource.id);
  for (const auto& intent : state.open) {  // one that the plan goes on with is no surprise
    if (planned.contains(intent.resource.id)) continue;
    moved.push_back("another apply began with " + to_text(intent.resource.id) + " and broke off");
  }
  return moved;
}

Result<Plan> fresh_enough_plan(const std::string& path, Cluster& cluster, const PlanRequest& request,
                               const State& stored, const Invocation& invocation, Outside& outside) {
  Plan plan = TRY(read_plan(path, outside));
  if (plan.cluster != cluster.spec.name)
    return stale(path, "it is for the cluster " + plan.cluster + ", not " + cluster.spec.name);
  PlanRequest again = request;
  static_cast<PlanChoices&>(again) = plan.choices;
  const Origin origin = origin_of(cluster.paths.spec_folder, outside);
  auto moved = moved_since(plan, cluster.spec, origin.commit, stored);
  if (moved.empty() && plan.choices.refresh && !plan.empty()) {
    const Observed observed = TRY(observe_cluster(cluster, again, stored, invocation, outside));
    moved = moved_objects(plan, observed.state);
  }
  if (moved.empty()) return plan;
  if (!invocation.flag("replan-if-equal")) return stale(path, join(moved, "; "));

  outside.err << "the saved plan " << path << " is stale: " << join(moved, "; ") << "; making a new one" << std::endl;
  if (again.allow_unschedulable) cluster.spec.rollout.allow_unschedulable = {"*"};
  Plan fresh = TRY(make_cluster_plan(cluster, again, stored, invocation, outside));
  fresh.commit = origin.commit;
  const auto differences = differences_between(plan, fresh);
  if (differences.empty()) return fresh;
  return Error{ErrorCode::invalid_input,
               "a new plan says something else than " + path + ":\n" + join(differences, "\n"), again_hint(path)};
}

}  // namespace skep
