// The loop that carries a plan out. One thread owns all state; jobs get copies and return values.
#pragma once

#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/engine/catalog.h"
#include "planner/engine/event.h"
#include "planner/engine/runner.h"
#include "planner/model/plan.h"
#include "planner/model/refs.h"
#include "planner/store/journal.h"
#include "planner/system/clock.h"

namespace skep {

struct Failure {
  StepId step = 0;
  ResourceId id;
  Error error;
};

struct StepTiming {
  StepId step = 0;
  ResourceId id;
  StepAction action = StepAction::create;
  Duration started = {};  // since the run began
  Duration elapsed = {};
};

struct Summary {
  std::size_t created = 0;
  std::size_t updated = 0;
  std::size_t destroyed = 0;
  std::vector<Failure> failures = {};
  std::vector<ResourceId> skipped = {};  // not tried: something they wait for failed, or the run was stopped
  bool stopped = false;
  std::vector<StepTiming> timings = {};       // of every step that ran, by step
  std::vector<StepTiming> slowest_path = {};  // the chain of steps that decided how long the run took, in order
  Duration elapsed = {};
  std::map<ResourceId, std::vector<std::pair<ResourceId, Object>>> listed = {};  // of read steps that list
  std::map<ResourceId, std::optional<Object>> read = {};                         // of read steps that find
};

struct ExecutorParts {
  Runner& runner;
  const Catalog& catalog;
  const Clock& clock;
  SecretSource secrets;
  std::string digest_key;
  EventSink events = [](const Event&) {};
  bool only_adopts = false;  // what would be created is put on record where it exists, and else not made
};

class Executor {
 public:
  explicit Executor(ExecutorParts parts) : parts_(std::move(parts)) {}

  /// Runs until nothing more can start, and never returns while a job runs. Failures of steps stand in the Summary.
  /// Errors: those of the journal (it then starts nothing more and waits for what runs). Read steps are not journaled.
  Result<Summary> run(const Plan& plan, Journal& journal, std::stop_token stop);

 private:
  ExecutorParts parts_;
};

}  // namespace skep
