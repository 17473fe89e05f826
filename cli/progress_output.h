// The progress of one run on the right output in the right form: a live display, lines, or JSON; ticking included.
#pragma once

#include <memory>

#include "cli/invocation.h"
#include "cli/outside.h"
#include "cli/render/progress.h"
#include "planner/system/ticker.h"

namespace skep {

class ProgressOutput {
 public:
  enum class For { reading, changing };

  /// Changes: JSON lines on stdout with --json, else a live display or lines on stderr. Reading: a live display at a
  /// terminal and nothing elsewhere, for it is over in a moment.
  ProgressOutput(For what, const Invocation& invocation, Outside& outside);

  /// Leaves the screen tidy.
  ~ProgressOutput();
  ProgressOutput(const ProgressOutput&) = delete;
  ProgressOutput& operator=(const ProgressOutput&) = delete;

  /// Valid while this lives.
  EventSink sink();

 private:
  std::unique_ptr<Progress> progress_;
  std::unique_ptr<Ticker> ticker_;
};

}  // namespace skep
