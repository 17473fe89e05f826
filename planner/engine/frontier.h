// Which steps of a plan may run now. Pure bookkeeping: no clock, no threads, no I/O.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "planner/model/plan.h"

namespace skep {

class Frontier {
 public:
  /// The plan must outlive the frontier. Asserts that steps are numbered from 0 and wait only for steps of the plan.
  explicit Frontier(const Plan& plan);

  /// The lowest step that may start now: all it waits for is done and its pool has room. It counts as running until
  /// done() or failed() is called. None: nothing may start before something ends.
  std::optional<StepId> take();

  void done(StepId step);

  /// Returns the steps that will now never run, in order.
  std::vector<StepId> failed(StepId step);

  /// Steps that were neither taken nor doomed by a failure, in order.
  std::vector<StepId> untouched() const;

 private:
  enum class Status { waiting, running, done, failed, doomed };
  struct Pool {
    std::uint32_t limit = 0;
    std::uint32_t used = 0;
    std::set<StepId> ready = {};
  };

  Pool& pool_of(StepId step);
  void enter(StepId step);

  const Plan& plan_;
  std::vector<std::vector<StepId>> dependents_;
  std::vector<std::size_t> waits_for_;
  std::vector<Status> status_;
  std::map<std::string, Pool> pools_;
};

}  // namespace skep
