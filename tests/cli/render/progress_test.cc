// Progress: a line an event for logs, a live display for terminals, JSON lines for programs; and the recap.
#include "cli/render/progress_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <sstream>

#include "cli/render/progress_json.h"
#include "cli/render/recap.h"
#include "planner/base/text.h"
#include "tests/cli/render/sample_plan.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class StillClock final : public Clock {
 public:
  Instant now() const override { return at; }
  WallTime wall() const override { return WallTime(seconds(1763700000)); }
  Result<void> sleep(Duration, const Context&) const override { return {}; }
  Instant at = Instant(seconds(100));
};

Event event_of(Event::Kind kind, StepId step, const char* name, Instant at) {
  return {.kind = kind,
          .step = step,
          .action = StepAction::create,
          .id = {"server", name},
          .node = name,
          .at = at,
          .total = 3};
}

Event failed_event(Instant at) {
  Event event = event_of(Event::Kind::failed, 1, "b", at);
  event.error = Error{ErrorCode::exhausted, "no room left", "use another location"};
  event.elapsed = seconds(3);
  return event;
}

TEST(ProgressLines, OneLineAnEventWithCauseAndHint) {
  std::ostringstream out;
  ProgressLines progress(out);
  const Instant at(seconds(100));
  progress.on(event_of(Event::Kind::started, 0, "a", at));
  Event finished = event_of(Event::Kind::finished, 0, "a", at);
  finished.elapsed = milliseconds(4200);
  finished.done = 1;
  progress.on(finished);
  progress.on(failed_event(at));
  Event skipped = event_of(Event::Kind::skipped, 2, "c", at);
  skipped.text = "server/b failed";
  progress.on(skipped);
  EXPECT_EQ(out.str(),
            "server/a: creating\n"
            "server/a: created after 4.2 s [1/3]\n"
            "server/b: failed after 3 s: no room left\n"
            "  hint: use another location\n"
            "server/c: not tried: server/b failed\n");
}

TEST(ProgressLines, AStepThatWasStoppedDidNotFail) {
  std::ostringstream out;
  ProgressLines progress(out);
  Event stopped = event_of(Event::Kind::stopped, 0, "a", Instant(seconds(100)));
  stopped.error = Error{ErrorCode::cancelled, "stopped on request"};
  stopped.elapsed = seconds(2);
  progress.on(stopped);
  EXPECT_EQ(out.str(), "server/a: stopped after 2 s; the next run goes on from there\n");
}

TEST(ProgressLines, WhatAStepSaysWhileItWaitsDoesNotFloodTheLog) {
  std::ostringstream out;
  ProgressLines progress(out);
  for (int i = 0; i < 12; ++i) {
    Event said = event_of(Event::Kind::said, 0, "a", Instant(seconds(i)));
    said.text = "waiting for SSH (" + std::to_string(i) + " s)";
    progress.on(said);
  }
  EXPECT_EQ(out.str(),
            "server/a: waiting for SSH (0 s)\n"
            "server/a: waiting for SSH (5 s)\n"
            "server/a: waiting for SSH (10 s)\n");
}

/// What a terminal shows after all of this was written to it: knows line ends, "up n lines" and "clear from here".
std::vector<std::string> screen_of(const std::string& written) {
  std::vector<std::string> lines(1);
  std::size_t row = 0;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\n') {
      if (++row == lines.size()) lines.emplace_back();
    } else if (written[i] == '\r') {
      continue;
    } else if (written[i] == '\033') {
      std::size_t end = i + 2;
      while (std::isdigit(written[end]) != 0) ++end;
      if (written[end] == 'A') row -= std::stoul(written.substr(i + 2));
      if (written[end] == 'J') {
        lines.resize(row + 1);
        lines[row].clear();
      }
      i = end;
    } else {
      lines[row] += written[i];
    }
  }
  return lines;
}

TEST(ProgressLive, OneLineARunningStepOverABarAndWhatEndedAbove) {
  std::ostringstream out;
  StillClock clock;
  ProgressLive progress(out, {.columns = 60}, clock, {});
  progress.on(event_of(Event::Kind::started, 0, "a", clock.at));
  progress.on(event_of(Event::Kind::started, 1, "long-name", clock.at));
  clock.at += seconds(4);
  Event said = event_of(Event::Kind::said, 1, "long-name", clock.at);
  said.text = "waiting for SSH, which takes its time as it always does";
  progress.on(said);
  EXPECT_EQ(screen_of(out.str()),
            (std::vector<std::string>{"  server/a          creating    4 s",
                                      "  server/long-name  creating    4 s  waiting for SSH, which…",
                                      "  [                        ] 0 of 3  4 s", ""}));
  Event finished = event_of(Event::Kind::finished, 0, "a", clock.at);
  finished.elapsed = seconds(4);
  finished.done = 1;
  progress.on(finished);
  clock.at += seconds(1);
  progress.tick();
  EXPECT_EQ(screen_of(out.str()),
            (std::vector<std::string>{"server/a: created after 4 s",
                                      "  server/long-name  creating    5 s  waiting for SSH, which…",
                                      "  [========                ] 1 of 3  5 s", ""}));
  progress.finish();
  EXPECT_EQ(screen_of(out.str()), (std::vector<std::string>{"server/a: created after 4 s", ""}));
  progress.tick();
  EXPECT_EQ(screen_of(out.str()), (std::vector<std::string>{"server/a: created after 4 s", ""}));
}

TEST(ProgressLive, ManyStepsAreCountedNotScrolled) {
  std::ostringstream out;
  StillClock clock;
  ProgressLive progress(out, {.columns = 60}, clock, {.most_running = 2});
  for (StepId step = 0; step < 5; ++step) {
    progress.on(event_of(Event::Kind::started, step, ("n" + std::to_string(step)).c_str(), clock.at));
  }
  const auto screen = screen_of(out.str());
  ASSERT_EQ(screen.size(), 5U);
  EXPECT_EQ(screen[2], "  and 3 more");
}

TEST(ProgressLive, WhatIsOverInAMomentIsNotShown) {
  std::ostringstream out;
  StillClock clock;
  ProgressLive progress(out, {.columns = 60}, clock, {.quiet = milliseconds(700)});
  progress.on(event_of(Event::Kind::started, 0, "a", clock.at));
  EXPECT_EQ(out.str(), "");
  clock.at += seconds(1);
  progress.tick();
  EXPECT_EQ(screen_of(out.str()).front(), "  server/a  creating    1 s");
}

TEST(ProgressJson, OneRecordALine) {
  std::ostringstream out;
  StillClock clock;
  ProgressJson progress(out, clock);
  progress.on(failed_event(clock.at));
  const Json json = parse_json(out.str(), "the line").value();
  EXPECT_EQ(json["type"], "step_failed");
  EXPECT_EQ(json["id"], "server/b");
  EXPECT_EQ(json["elapsed_ms"], 3000);
  EXPECT_EQ(json["error"]["code"], "exhausted");
  EXPECT_EQ(json["format_version"], "1.0");
  EXPECT_EQ(split_lines(out.str()).size(), 1U);
}

Summary sample_summary() {
  Summary summary;
  summary.timings = {{0, {"server", "worker-3"}, StepAction::create, seconds(0), seconds(2)},
                     {1, {"engine", "worker-3"}, StepAction::create, seconds(2), seconds(7)},
                     {3, {"server", "worker-9"}, StepAction::destroy, seconds(0), milliseconds(100)}};
  summary.slowest_path = {summary.timings[0], summary.timings[1]};
  summary.elapsed = seconds(9);
  summary.failures = {{1, {"engine", "worker-3"}, {ErrorCode::unavailable, "no package", "apt-get update"}}};
  summary.skipped = {{"floating_ip", "ingress"}};
  return summary;
}

TEST(Recap, OneLineANodeThenTheSlowestPath) {
  EXPECT_EQ(recap_text(sample_plan(), sample_summary(), {}),
            "  (cluster)  done=0  failed=0  skipped=1  0 s\n"
            "  worker-3   done=1  failed=1  skipped=0  9 s\n"
            "  worker-9   done=1  failed=0  skipped=0  0.1 s\n"
            "\n"
            "  slowest path  server/worker-3 2 s → engine/worker-3 7 s\n"
            "  in all        9 s\n");
}

TEST(Recap, AStepThatWasCutOffIsNotDone) {
  Summary summary = sample_summary();
  summary.skipped.push_back(summary.timings.front().id);
  const std::string before = recap_text(sample_plan(), sample_summary(), {});
  EXPECT_NE(before.find("worker-3   done=1  failed=1  skipped=0"), std::string::npos);
  EXPECT_NE(recap_text(sample_plan(), summary, {}).find("worker-3   done=0  failed=1  skipped=1"), std::string::npos);
}

TEST(Recap, FailuresNameWhatWasDoneAndWhatToDo) {
  EXPECT_EQ(failures_text(sample_plan(), sample_summary(), {}),
            "\nerror: creating engine/worker-3: no package\nhint: apt-get update\n");
}

TEST(Recap, NothingWasToDo) { EXPECT_EQ(recap_text({}, {}, {}), ""); }

TEST(Recap, ProgramsGetTheSame) {
  const Json json = recap_json(sample_plan(), sample_summary());
  EXPECT_EQ(json["nodes"].size(), 3U);
  EXPECT_EQ(json["failures"][0]["error"]["message"], "no package");
  EXPECT_EQ(json["skipped"][0]["id"], "floating_ip/ingress");
  EXPECT_EQ(json["elapsed_ms"], 9000);
}

}  // namespace
}  // namespace skep
