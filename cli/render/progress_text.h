// Progress for people: a live display at a terminal, one line an event anywhere else.
#pragma once

#include <map>
#include <mutex>
#include <ostream>
#include <string>

#include "cli/render/paint.h"
#include "cli/render/progress.h"
#include "planner/system/clock.h"

namespace skep {

/// One line an event, each flushed at once, so that a log tells what was under way when it breaks off. Of what a step
/// says while it waits, at most one line in five seconds.
class ProgressLines final : public Progress {
 public:
  explicit ProgressLines(std::ostream& out) : out_(out) {}
  void on(const Event& event) override;

 private:
  std::ostream& out_;
  std::map<StepId, Instant> said_;
};

/// One line for each running step (how long, and what it waits for) over a bar; what has ended stays above them.
class ProgressLive final : public Progress {
 public:
  struct Options {
    std::size_t most_running = 16;      // of more steps than that, the rest are counted in one line
    Duration quiet = Duration::zero();  // nothing is drawn so early: what is over in a moment needs no display
  };
  ProgressLive(std::ostream& out, Style style, const Clock& clock, Options options);
  void on(const Event& event) override;
  void tick() override;
  void finish() override;

 private:
  struct Running {
    std::string subject;
    std::string doing;
    std::string said;
    Instant since = {};
  };

  void draw(const std::string& above);
  std::string bar() const;

  std::ostream& out_;
  Style style_;
  const Clock& clock_;
  Options options_;
  std::mutex mutex_;  // on() and tick() come from two threads
  std::map<StepId, Running> running_;
  std::size_t done_ = 0;
  std::size_t total_ = 0;
  std::size_t drawn_lines_ = 0;
  Instant since_;
  bool is_finished_ = false;
};

/// "server/worker-1: created after 4.2 s"; a failure has its cause, and its hint on a second line.
std::string event_line(const Event& event);

}  // namespace skep
