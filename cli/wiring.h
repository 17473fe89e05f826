// The real outside: the only place that builds real clocks, clients and stores.
#pragma once

#include <memory>

#include "cli/outside.h"
#include "planner/system/interrupt.h"

namespace skep {

/// Holds the real things that its Outside refers to.
class RealWorld {
 public:
  /// `environment`: the process's, as main() gets it.
  RealWorld(Interrupt& interrupt, char** environment);
  Outside& outside() { return *outside_; }

  /// Whether everything that was printed has also arrived (a full disk, a closed pipe).
  bool output_is_whole();

 private:
  SystemTerminal terminal_;
  SystemFiles files_;
  SystemProcesses processes_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<Outside> outside_;
};

}  // namespace skep
