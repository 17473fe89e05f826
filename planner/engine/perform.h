// How a verb is carried out: look, act, look again, wait. The only place that calls a driver's verbs.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "planner/engine/driver.h"
#include "planner/engine/runner.h"
#include "planner/model/plan.h"
#include "planner/model/refs.h"
#include "planner/system/clock.h"

namespace skep {

/// A read step of this kind asks its driver for the list of all we own; any other read step finds its own object.
inline constexpr const char* list_kind = "list";

/// All that a job needs; it owns copies of the data.
struct Work {
  StepAction action = StepAction::read;
  Resource resource;  // references resolved, secrets not
  std::optional<Object> object = {};
  std::string cluster = {};
  Driver& driver;
  const Clock& clock;
  SecretSource secrets;
  std::stop_token stop = {};
  Instant deadline = Instant::max();
  bool only_adopts = false;  // create: finds, and makes nothing
};

/// create:  finds; if absent, creates; if the answer was lost, finds again until the deadline; waits until it is ready.
///          What is there already is adopted, and updated where it reports something else than is wanted.
///          With only_adopts it finds and does nothing else; what is not there is abandoned as not_found.
/// update:  updates the object and waits until it is ready.
/// destroy: finds when no object is known; destroys it if it is there.
/// read:    lists or finds.
/// Secrets are resolved here, and redacted from every message that leaves. Exceptions of a driver become `internal`.
/// Blocks until the deadline at most. Safe from any thread.
StepResult perform(const Work& work, const Say& say);

}  // namespace skep
