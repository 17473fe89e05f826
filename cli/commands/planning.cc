#include "cli/commands/planning.h"

#include <algorithm>
#include <memory>
#include <set>
#include "cli/commands/loaded_state.h"

#include "cli/progress_output.h"
#include "planner/base/text.h"
#include "planner/engine/patterns.h"
#include "planner/model/spanning.h"

namespace skep {

namespace {

Result<std::vector<std::string>> preflight(const Cluster& cluster, Outside& outside) {
  const Context context = {.deadline = outside.clock.now() + std::chrono::minutes(1), .stop = outside.stop};
  std::vector<std::string> all;
  for (auto* provider : cluster.used_providers()) {
    const auto warnings = TRY(provider->preflight(cluster.spec, context));
    all.insert(all.end(), warnings.begin(), warnings.end());
  }
  return all;
}

/// What is to be made or to become another type must be for sale. Asked before anything is made, so that a name that
/// does not exist, or a type that is sold out, ends no apply half-way.
Result<void> check_orders(const Cluster& cluster, const Plan& plan, Outside& outside) {
  std::set<ResourceId> retyped;
  for (const auto& change : plan.changes) {
    for (const auto& field : change.fields) {
      if (change.action == Action::update && field.field == "type") retyped.insert(change.id);
    }
  }
  std::vector<Resource> made;
  for (const auto& step : plan.steps) {
    const bool is_made = step.action == StepAction::create && !step.object;
    if (is_made || retyped.contains(step.resource.id)) made.push_back(step.resource);
  }
  if (made.empty()) return {};
  const Context context = {.deadline = outside.clock.now() + std::chrono::minutes(1), .stop = outside.stop};
  for (auto* provider : cluster.used_providers()) TRY(provider->check_orders(made, context));
  return {};
}

/// A node that goes is known by its record: what its drain may leave without a place is what the spec says today.
void take_todays_drain(const RolloutSpec& rollout, Plan& plan) {
  for (auto& step : plan.steps) {
    if (step.action == StepAction::destroy && step.resource.inputs.contains("drain_timeout"))
      step.resource.inputs["allow_unschedulable"] = rollout.allow_unschedulable;
  }
}

/// What is encrypted arrives nowhere where a firewall cannot let it through.
Result<void> check_encryption(const Cluster& cluster, const State& state, Plan& plan, const Context& context) {
  std::vector<std::string> reasons;
  for (const auto* provider : cluster.used_providers())
    if (auto why = provider->why_no_esp(); !why.empty()) reasons.push_back(std::move(why));
  if (reasons.empty()) return {};
  for (const auto& name : TRY(cluster.hosts->encrypted_networks(state, context)))
    plan.warnings.push_back("the network " + name + " is encrypted, and " + join(reasons, "; ") +
                            ": its containers on different machines there do not reach one another; make it anew "
                            "without `encrypted`");
  return {};
}

/// What the plan means for the services that run.
Result<void> check_impact(const Cluster& cluster, const PlanRequest& request, const State& state, Plan& plan,
                          Outside& outside) {
  if (request.destroy || plan.empty()) return {};
  const Context context = {.deadline = outside.clock.now() + std::chrono::minutes(2), .stop = outside.stop};
  TRY(check_encryption(cluster, state, plan, context));
  const auto impact = TRY(cluster.hosts->impact(plan, state, cluster.spec, context));
  plan.warnings.insert(plan.warnings.end(), impact.warnings.begin(), impact.warnings.end());
  if (impact.refusals.empty()) return {};
  return Error{ErrorCode::refused,
               (impact.refusals.size() == 1 ? "" : "the plan is refused:\n  ") + join(impact.refusals, "\n  "),
               "make room for them first, or allow it: rollout.allow_unschedulable in the spec names services, "
               "--allow-unschedulable means all of them"};
}

/// The kinds that are listed even when no record has them: a lost state must not hide what is there.
std::vector<std::string> listed_drivers(const Cluster& cluster) {
  std::vector<std::string> names;
  for (auto* provider : cluster.used_providers()) {
    for (auto* driver : provider->drivers()) {
      if (driver->schema().listed) names.push_back(driver->schema().driver);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The nodes whose machines go, by this request or by the spec: a host key that is not theirs keeps none of them here.
NodeTest nodes_let_be(const Cluster& cluster, const PlanRequest& request) {
  if (request.destroy || request.only_looks) return [](const std::string&) { return true; };
  std::set<std::string> staying;
  for (const auto& [name, pool] : cluster.spec.pools) {
    for (const auto& node : pool.nodes) {
      const Names names = {.id = std::string(machine_kind) + "/" + node.name, .node = node.name};
      if (!any_matches(request.replace, names)) staying.insert(node.name);
    }
  }
  return [staying](const std::string& node) { return !node.empty() && !staying.contains(node); };
}

Result<State> look(const Cluster& cluster, const PlanRequest& request, State stored, const Invocation& invocation,
                   Outside& outside) {
  ProgressOutput progress(ProgressOutput::For::reading, invocation, outside);
  ThreadRunner runner(request.parallelism);
  const std::string digest_key = stored.digest_key;
  Executor executor({.runner = runner,
                     .catalog = *cluster.catalog,
                     .clock = outside.clock,
                     .secrets = secret_source(cluster, outside),
                     .digest_key = digest_key,
                     .events = progress.sink()});
  return observe(std::move(stored), executor, *cluster.catalog, cluster.spec.name, listed_drivers(cluster),
                 outside.stop, nodes_let_be(cluster, request));
}

PlanOptions plan_options(const Cluster& cluster, const PlanRequest& request) {
  PlanOptions options;
  options.cluster = cluster.spec.name;
  options.spec_digest = cluster.spec.digest;
  options.rollout = cluster.spec.rollout;
  for (const auto& [name, pool] : cluster.spec.pools) {
    for (const auto& node : pool.nodes) options.node_pools[node.name] = name;
  }
  options.replace = request.replace;
  options.only = request.only;
  options.except = request.except;
  options.allow_protected = request.allow_protected;
  return options;
}

}  // namespace

Result<std::size_t> parallelism_of(const Invocation& invocation) {
  return static_cast<std::size_t>(TRY(invocation.number("parallelism", 1, most_threads, usual_threads)));
}

Result<PlanRequest> plan_request(const Invocation& invocation) {
  PlanRequest request;
  const bool is_destroy_command = invocation.path.front() == "destroy";
  request.allow_protected = invocation.flag("allow-protected");
  request.parallelism = TRY(parallelism_of(invocation));
  request.destroy = is_destroy_command || invocation.flag("destroy");
  if (is_destroy_command) return request;
  request.refresh = invocation.flag("refresh", true);
  request.allow_unschedulable = invocation.flag("allow-unschedulable");
  request.only = invocation.texts("only");
  request.except = invocation.texts("except");
  request.replace = invocation.texts("replace");
  if (request.destroy && !request.replace.empty()) {
    return Error{ErrorCode::invalid_input, "--replace and --destroy contradict one another"};
  }
  return request;
}

Result<Observed> observe_cluster(const Cluster& cluster, const PlanRequest& request, State stored,
                                 const Invocation& invocation, Outside& outside) {
  Observed observed;
  observed.wanted = TRY(expand_cluster(cluster));
  if (!request.refresh) {
    observed.state = std::move(stored);
    return observed;
  }
  observed.warnings = TRY(preflight(cluster, outside));
  std::ranges::move(forgotten_clusters(stored, cluster.paths.state, outside), std::back_inserter(observed.warnings));
  observed.state = TRY(look(cluster, request, std::move(stored), invocation, outside));
  return observed;
}

Result<Plan> plan_observed(const Cluster& cluster, const PlanRequest& request, const Observed& observed) {
  const std::vector<Resource> nothing;
  if (!request.destroy) TRY(check_span(cluster.spec, observed.state));
  return make_plan(request.destroy ? nothing : observed.wanted.resources, observed.state, cluster.catalog->schemas(),
                   plan_options(cluster, request));
}

Result<Plan> make_cluster_plan(const Cluster& cluster, const PlanRequest& request, State stored,
                               const Invocation& invocation, Outside& outside) {
  const Observed observed = TRY(observe_cluster(cluster, request, std::move(stored), invocation, outside));
  Plan plan = TRY(plan_observed(cluster, request, observed));
  plan.choices = request;
  take_todays_drain(cluster.spec.rollout, plan);
  if (request.refresh) {
    TRY(check_orders(cluster, plan, outside));
    TRY(check_impact(cluster, request, observed.state, plan, outside));
  }
  if (!plan.empty()) {
    for (const auto& warning : observed.warnings) outside.err << "warning: " << warning << "\n";
    outside.err << std::flush;
  }
  return plan;
}

PlanHeader plan_header(const Cluster& cluster, const State& state, const std::vector<HistoryEntry>& history,
                       WallTime now) {
  PlanHeader header;
  header.cluster = cluster.spec.name;
  std::vector<std::string> places;
  for (const auto* provider : cluster.used_providers()) places.emplace_back(provider->name());
  header.place = join(places, ", ");
  if (state.serial == 0 && history.empty()) {
    header.state = "no state yet";
    return header;
  }
  header.state = "state " + std::to_string(state.serial);
  if (!history.empty()) {
    const auto& last = history.front();
    const bool has_ended = last.ended.time_since_epoch().count() > 0;
    header.state +=
        ", written " + age_text(has_ended ? last.ended : last.started, now) + " by " + last.user + " on " + last.host;
  }
  if (state.newer_serial > 0) {
    header.state += "; an older copy: state " + std::to_string(state.newer_serial) + " was here before";
  }
  return header;
}

std::string age_text(WallTime then, WallTime now) {
  const auto seconds = std::max(now - then, std::chrono::seconds(0));
  if (seconds < std::chrono::seconds(5)) return "just now";
  if (seconds < std::chrono::hours(48)) return human_duration(seconds) + " ago";
  return std::to_string(std::chrono::duration_cast<std::chrono::hours>(seconds).count() / 24) + " days ago";
}

SecretSource secret_source(const Cluster& cluster, const Outside& outside) {
  const std::string folder = cluster.paths.spec_folder;
  return [&outside, folder](std::string_view name) -> Result<Secret> {
    if (name.starts_with("env:")) {
      const std::string key(name.substr(4));
      const auto found = outside.environment.find(key);
      if (found == outside.environment.end()) {
        return Error{ErrorCode::invalid_input, "the secret env:" + key + " is not set",
                     "set it: export " + key + "=..."};
      }
      return Secret(found->second);
    }
    if (name.starts_with("file:")) {
      std::string path(name.substr(5));
      if (!path.starts_with("/") && !folder.empty()) path = folder + "/" + path;
      return Secret(TRY(outside.files.read(path).doing("the secret " + std::string(name))));
    }
    return Error{ErrorCode::invalid_input, "the secret '" + std::string(name) + "' is neither env:NAME nor file:PATH"};
  };
}

}  // namespace skep
