#include "cli/progress_output.h"

#include "cli/render/progress_json.h"
#include "cli/render/progress_text.h"
#include "cli/styles.h"

namespace skep {

ProgressOutput::ProgressOutput(For what, const Invocation& invocation, Outside& outside) {
  outside.out.flush();
  const bool is_json = invocation.flag("json");
  // What a pipeline shows is a log, even where it lends its jobs a terminal.
  const bool is_log = variable(outside, "TERM") == "dumb" || !variable(outside, "CI").empty();
  const bool is_live = outside.terminal.errors_are_terminal() && !is_log;
  if (is_json) {
    if (what == For::changing) progress_ = std::make_unique<ProgressJson>(outside.out, outside.clock);
  } else if (is_live) {
    const Duration quiet = what == For::reading ? std::chrono::milliseconds(700) : Duration::zero();
    progress_ = std::make_unique<ProgressLive>(outside.err, style_of_errors(invocation, outside), outside.clock,
                                               ProgressLive::Options{.quiet = quiet});
    ticker_ = std::make_unique<Ticker>(std::chrono::milliseconds(250), [this] { progress_->tick(); });
  } else if (what == For::changing) {
    progress_ = std::make_unique<ProgressLines>(outside.err);
  }
}

ProgressOutput::~ProgressOutput() {
  ticker_.reset();
  if (progress_) progress_->finish();
}

EventSink ProgressOutput::sink() {
  return [this](const Event& event) {
    if (progress_) progress_->on(event);
  };
}

}  // namespace skep
