#include "cli/commands/rebuild_command.h"

#include <algorithm>

#include "cli/commands/cluster.h"
#include "cli/commands/loaded_state.h"
#include "cli/commands/locking.h"
#include "cli/commands/origin.h"
#include "cli/commands/planning.h"
#include "cli/exit_code.h"
#include "planner/base/text.h"
#include "planner/engine/adoption.h"
#include "planner/engine/executor.h"
#include "planner/engine/thread_runner.h"

namespace skep {

namespace {

/// What a rebuild came to, by id.
struct Findings {
  std::vector<ResourceId> found = {};
  std::vector<ResourceId> missing = {};   // wanted, and not there
  std::vector<ResourceId> unwanted = {};  // carries our label, and nothing wants it
  std::vector<Failure> failed = {};       // could not be looked at
  std::vector<ResourceId> skipped = {};   // stands on what is missing or failed
  bool stopped = false;
};

Findings findings_of(const Plan& plan, const Plan& adoption, const Summary& summary) {
  Findings findings = {.skipped = summary.skipped, .stopped = summary.stopped};
  std::vector<ResourceId> not_found = summary.skipped;
  for (const auto& failure : summary.failures) {
    not_found.push_back(failure.id);
    if (failure.error.code == ErrorCode::not_found)
      findings.missing.push_back(failure.id);
    else
      findings.failed.push_back(failure);
  }
  for (const auto& step : adoption.steps) {
    if (std::ranges::find(not_found, step.resource.id) == not_found.end()) findings.found.push_back(step.resource.id);
  }
  for (const auto& step : plan.steps) {
    if (step.action == StepAction::destroy && step.object) findings.unwanted.push_back(step.resource.id);
  }
  for (auto* ids : {&findings.found, &findings.missing, &findings.unwanted, &findings.skipped}) std::ranges::sort(*ids);
  return findings;
}

Json names_of(const std::vector<ResourceId>& ids) {
  Json names = Json::array();
  for (const auto& id : ids) names.push_back(to_text(id));
  return names;
}

void report_json(const Findings& findings, std::int64_t serial, Outside& outside) {
  Json failed = Json::array();
  for (const auto& failure : findings.failed)
    failed.push_back({{"id", to_text(failure.id)}, {"error", failure.error.message}});
  outside.out << dump_json_pretty({{"format_version", "1.0"},
                                   {"type", "rebuild"},
                                   {"serial", serial},
                                   {"found", names_of(findings.found)},
                                   {"missing", names_of(findings.missing)},
                                   {"unwanted", names_of(findings.unwanted)},
                                   {"failed", std::move(failed)},
                                   {"skipped", names_of(findings.skipped)}});
}

void report_text(const Findings& findings, std::int64_t serial, Outside& outside) {
  const auto line = [&](std::string_view mark, const ResourceId& id, std::string_view what) {
    outside.out << "  " << mark << " " << to_text(id) << what << "\n";
  };
  for (const auto& id : findings.found) line("+", id, "");
  for (const auto& id : findings.missing) line(" ", id, "  is not there");
  for (const auto& id : findings.skipped) line(" ", id, "  stands on what was not found");
  for (const auto& id : findings.unwanted) line("-", id, "  is of this cluster, and the spec does not want it");
  for (const auto& failure : findings.failed) {
    outside.err << "error: " << to_text(failure.id) << ": " << failure.error.message << "\n";
    if (!failure.error.hint.empty()) outside.err << "hint: " << failure.error.hint << "\n";
  }
  outside.err << std::flush;
  outside.out << "\n"
              << count_of(findings.found.size(), "resource") << " put on record, "
              << findings.missing.size() + findings.skipped.size() << " not found; state " << serial << "\n";
  outside.out << (findings.failed.empty() ? "see what is left to do: skep plan\n"
                                          : "run it again: it goes on from here\n")
              << std::flush;
}

Result<Summary> adopt(const Cluster& cluster, const Plan& adoption, const State& stored, Store& store,
                      std::size_t parallelism, Outside& outside) {
  ThreadRunner runner(parallelism);
  Executor executor({.runner = runner,
                     .catalog = *cluster.catalog,
                     .clock = outside.clock,
                     .secrets = secret_source(cluster, outside),
                     .digest_key = stored.digest_key,
                     .only_adopts = true});
  return executor.run(adoption, store, outside.stop);
}

}  // namespace

Result<int> state_rebuild_command(const Invocation& invocation, Outside& outside) {
  PlanRequest request;
  request.parallelism = TRY(parallelism_of(invocation));
  const auto cluster = TRY(open_cluster(invocation, LoginUse::look, outside));
  TRY(make_state_folder(cluster->paths, outside));
  const auto store = TRY(outside.open_store(cluster->paths.state, StateUse::write));
  const auto lock = TRY(take_lock(*store, "state rebuild", invocation, outside));
  const State stored = TRY(load_state(*store, cluster->paths.state));

  const Observed observed = TRY(observe_cluster(*cluster, request, stored, invocation, outside));
  const Plan plan = TRY(plan_observed(*cluster, request, observed));
  const Plan adoption = adoption_of(plan);
  HistoryEntry entry = entry_begun("rebuild", cluster->paths.spec_folder, stored.serial, outside);
  entry.id = TRY(store->begin_history(entry));
  const Summary summary =
      TRY(adopt(*cluster, adoption, stored, *store, request.parallelism, outside).doing("rebuild the state"));

  const Findings findings = findings_of(plan, adoption, summary);
  entry.ended = outside.clock.wall();
  entry.serial_after = TRY(store->load()).serial;
  entry.summary = count_of(findings.found.size(), "resource") + " put on record";
  entry.outcome = findings.stopped ? "stopped" : findings.failed.empty() ? "done" : "failed";
  TRY(store->end_history(entry));
  if (invocation.flag("json"))
    report_json(findings, entry.serial_after, outside);
  else
    report_text(findings, entry.serial_after, outside);
  if (findings.stopped) return exit_stopped;
  return findings.failed.empty() ? exit_done : exit_error;
}

}  // namespace skep
