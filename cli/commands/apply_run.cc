#include "cli/commands/apply_run.h"

#include <algorithm>
#include <set>

#include "cli/commands/job_time.h"
#include "cli/commands/log_section.h"
#include "cli/commands/origin.h"
#include "cli/commands/planning.h"
#include "cli/commands/redaction.h"
#include "cli/exit_code.h"
#include "cli/progress_output.h"
#include "cli/render/plan_rows.h"
#include "cli/render/progress_json.h"
#include "cli/render/recap.h"
#include "cli/styles.h"
#include "planner/base/text.h"
#include "planner/engine/thread_runner.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

constexpr Duration deadline_margin_longest = std::chrono::seconds(30);
constexpr std::size_t recorded_bytes = 1000;  // of an error in the history

/// What a record keeps of an error.
std::string short_text(const std::string& text) {
  if (text.size() <= recorded_bytes) return text;
  std::size_t end = recorded_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;  // no half of a letter
  return text.substr(0, end) + "…";
}

std::string outcome_of(const Summary& summary) {
  if (summary.stopped) return "stopped";
  if (summary.failures.empty()) return "done";
  const auto& first = summary.failures.front();
  return "failed: " + to_text(first.id) + ": " + first.error.message +
         (summary.failures.size() > 1 ? " and " + std::to_string(summary.failures.size() - 1) + " more" : "");
}

std::vector<HistoryStep> steps_of(const Plan& plan) {
  std::vector<HistoryStep> steps;
  for (const auto& step : plan.steps) steps.push_back({.action = step.action, .id = to_text(step.resource.id)});
  return steps;
}

/// `steps`: those of the plan, in its order.
void note_outcomes(const Summary& summary, const Outside& outside, std::vector<HistoryStep>& steps) {
  std::set<std::string> left;
  for (const auto& id : summary.skipped) left.insert(to_text(id));
  for (auto& step : steps) step.outcome = left.contains(step.id) ? "not tried" : "done";
  for (const auto& timing : summary.timings) {
    HistoryStep& step = steps[timing.step];
    step.elapsed = timing.elapsed;
    if (step.outcome == "not tried") step.outcome = "stopped";
  }
  for (const auto& failure : summary.failures)
    steps[failure.step].outcome = "failed: " + short_text(without_secrets(failure.error.message, outside));
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

/// The journal has failed, and what it noted of the steps is all that is known.
void note_broken_end(const RunParts& parts, HistoryEntry entry, const Error& error, const Outside& outside) {
  auto noted = parts.store.history_entry(entry.id);
  if (noted.ok()) entry.steps = std::move(noted).value().steps;
  entry.ended = outside.clock.wall();
  entry.outcome = "failed: " + short_text(without_secrets(error.message, outside));
  // That this cannot be written either is no news.
  static_cast<void>(parts.store.end_history(entry));
}

Result<void> note_end(const RunParts& parts, HistoryEntry entry, const Summary& summary, const PlanCounts& counts,
                      const Outside& outside) {
  entry.ended = outside.clock.wall();
  note_outcomes(summary, outside, entry.steps);
  entry.summary = done_text(counts);
  entry.outcome = short_text(without_secrets(outcome_of(summary), outside));
  const auto state_after = parts.store.load();
  entry.serial_after = state_after.ok() ? state_after.value().serial : parts.stored.serial;
  return parts.store.end_history(entry).doing("note the end of this " + parts.operation + " in the history");
}

}  // namespace

Result<int> run_plan(const RunParts& parts, const Invocation& invocation, Outside& outside) {
  TRY(deadline_of(invocation, outside));  // a wrong word ends it before anything begins
  HistoryEntry entry = entry_begun(parts.operation, parts.cluster.paths.spec_folder, parts.stored.serial, outside);
  entry.plan_digest = digest_of(parts.plan);
  entry.steps = steps_of(parts.plan);
  entry.id = TRY(parts.store.begin_history(entry));
  Notification notification = notification_of_plan(parts.plan);
  notification.event = "start";
  notification.operation = parts.operation;
  notification.plan_digest = entry.plan_digest;
  parts.notifier.tell(notification);

  const Duration deadline = TRY(deadline_of(invocation, outside));  // what is left by now
  auto ran = [&] {
    const LogSection section("skep_" + parts.operation, parts.operation, outside.err, invocation, outside);
    return execute(parts, deadline, invocation, outside);
  }();
  if (!ran.ok()) {
    note_broken_end(parts, std::move(entry), ran.error(), outside);
    return std::move(ran).error().doing(parts.operation);
  }
  const Summary& summary = ran.value();
  const PlanCounts counts = counts_done(plan_rows(parts.plan), not_done_of(summary));
  TRY(note_end(parts, std::move(entry), summary, counts, outside));
  notification.counts = counts;
  notification.outcome = without_secrets(outcome_of(summary), outside);
  notification.event = exit_code_of(summary) == exit_done ? "end" : "failure";

  const Json record = summary_record(parts, summary, counts);
  if (invocation.flag("json")) {
    outside.out << dump_json(record) << std::endl;
  } else {
    report_text(parts, summary, counts, invocation, outside);
  }
  parts.outputs.publish_run({parts.operation, parts.plan, parts.header, &summary}, record);
  parts.notifier.tell(std::move(notification));
  return exit_code_of(summary);
}

}  // namespace skep
