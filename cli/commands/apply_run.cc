#include "cli/commands/apply_run.h"

#include <algorithm>

#include "cli/commands/job_time.h"
#include "cli/commands/log_section.h"
#include "cli/commands/planning.h"
#include "cli/exit_code.h"
#include "cli/progress_output.h"
#include "cli/render/plan_rows.h"
#include "cli/render/progress_json.h"
#include "cli/render/recap.h"
#include "cli/styles.h"
#include "planner/base/text.h"
#include "planner/engine/thread_runner.h"

namespace skep {

namespace {

constexpr Duration deadline_margin_longest = std::chrono::seconds(30);

/// The commit that the spec belongs to, with "+dirty" when the work tree differs; empty outside a repository.
std::string commit_of(const std::string& folder, Outside& outside) {
  const std::string where = folder.empty() ? "." : folder;
  const Context context = {.deadline = outside.clock.now() + std::chrono::seconds(10), .stop = outside.stop};
  const auto head = outside.processes.run({.argv = {"git", "-C", where, "rev-parse", "HEAD"}}, context);
  if (!head.ok() || head.value().code != 0) return "";
  const auto changes =
      outside.processes.run({.argv = {"git", "-C", where, "status", "--porcelain", "--untracked-files=no"}}, context);
  const bool is_dirty = !changes.ok() || changes.value().code != 0 || !trim(changes.value().out).empty();
  return std::string(trim(head.value().out)) + (is_dirty ? "+dirty" : "");
}

std::string outcome_of(const Summary& summary) {
  if (summary.stopped) return "stopped";
  if (summary.failures.empty()) return "done";
  const auto& first = summary.failures.front();
  return "failed: " + to_text(first.id) + ": " + first.error.message +
         (summary.failures.size() > 1 ? " and " + std::to_string(summary.failures.size() - 1) + " more" : "");
}

Result<Summary> execute(const RunParts& parts, Duration deadline, const Invocation& invocation, Outside& outside) {
  // A deadline asks for a stop a little early, so that what runs can end in time.
  const Instant stop_at = outside.clock.now() + deadline - std::min(deadline / 10, deadline_margin_longest);
  std::unique_ptr<Ticker> alarm;
  if (deadline > Duration(0)) {
    alarm = std::make_unique<Ticker>(std::chrono::milliseconds(200), [&outside, stop_at] {
      if (outside.clock.now() >= stop_at) outside.request_stop();
    });
  }
  ProgressOutput progress(ProgressOutput::For::changing, invocation, outside);
  ThreadRunner runner(parts.parallelism);
  Executor executor({.runner = runner,
                     .catalog = *parts.cluster.catalog,
                     .clock = outside.clock,
                     .secrets = secret_source(parts.cluster, outside),
                     .digest_key = parts.stored.digest_key,
                     .events = progress.sink()});
  return executor.run(parts.plan, parts.store, outside.stop);
}

int exit_code_of(const Summary& summary) {
  if (summary.stopped) return exit_stopped;
  return summary.failures.empty() && summary.skipped.empty() ? exit_done : exit_error;
}

Json summary_record(const RunParts& parts, const Summary& summary, const PlanCounts& counts) {
  Json record = recap_json(parts.plan, summary);
  record["format_version"] = "1.0";
  record["type"] = "summary";
  record["operation"] = parts.operation;
  record["outcome"] = outcome_of(summary);
  record["summary"] = {{"added", counts.add}, {"changed", counts.change}, {"destroyed", counts.destroy}};
  return record;
}

void report_text(const RunParts& parts, const Summary& summary, const PlanCounts& counts, const Invocation& invocation,
                 Outside& outside) {
  const Style out_style = style_of_output(invocation, outside);
  const Style style = style_of_errors(invocation, outside);
  outside.out << "\n" << recap_text(parts.plan, summary, out_style) << std::flush;
  outside.err << failures_text(parts.plan, summary, style);
  if (exit_code_of(summary) == exit_done) {
    outside.err.flush();
    outside.out << "\n"
                << painted(complete_line(counts, parts.operation), Color::bold, out_style) << "\n"
                << std::flush;
    return;
  }
  const std::string verb = summary.stopped ? " was stopped early: " : " is incomplete: ";
  outside.err << "\n"
              << painted(parts.operation + verb + done_text(counts), Color::bold, style) << "; "
              << count_of(summary.failures.size(), "step") << " failed, " << summary.skipped.size() << " not tried\n"
              << "hint: nothing is lost; the next skep " << parts.operation << " goes on from here\n"
              << std::flush;
}

}  // namespace

Result<int> run_plan(const RunParts& parts, const Invocation& invocation, Outside& outside) {
  const Duration deadline = TRY(deadline_of(invocation, outside));
  HistoryEntry entry = {.started = outside.clock.wall(),
                        .operation = parts.operation,
                        .user = outside.me.user,
                        .host = outside.me.host,
                        .commit = commit_of(parts.cluster.paths.spec_folder, outside),
                        .serial_before = parts.stored.serial};
  entry.id = TRY(parts.store.begin_history(entry));

  auto ran = [&] {
    const LogSection section("skep_" + parts.operation, parts.operation, outside.err, invocation, outside);
    return execute(parts, deadline, invocation, outside);
  }();
  entry.ended = outside.clock.wall();
  if (!ran.ok()) {
    entry.outcome = "failed: " + ran.error().message;
    // The journal has just failed: that this line cannot be written either is no news.
    static_cast<void>(parts.store.end_history(entry));
    return std::move(ran).error().doing(parts.operation);
  }
  const Summary& summary = ran.value();
  const PlanCounts counts = counts_done(plan_rows(parts.plan), not_done_of(summary));
  entry.summary = done_text(counts);
  entry.outcome = outcome_of(summary);
  const auto state_after = parts.store.load();
  entry.serial_after = state_after.ok() ? state_after.value().serial : parts.stored.serial;
  TRY(parts.store.end_history(entry).doing("note the end of this " + parts.operation + " in the history"));

  const Json record = summary_record(parts, summary, counts);
  if (invocation.flag("json")) {
    outside.out << dump_json(record) << std::endl;
  } else {
    report_text(parts, summary, counts, invocation, outside);
  }
  parts.outputs.publish_run({parts.operation, parts.plan, parts.header, &summary}, record);
  return exit_code_of(summary);
}

}  // namespace skep
