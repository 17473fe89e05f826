// What happened, as data, for progress, log and CI. Emitted from the executor's thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "planner/base/result.h"
#include "planner/model/plan.h"
#include "planner/system/context.h"

namespace skep {

struct Event {
  enum class Kind { started, said, finished, failed, stopped, skipped, stopping };
  Kind kind = Kind::started;
  StepId step = 0;
  StepAction action = StepAction::read;
  ResourceId id;  // empty kind for `stopping`
  std::string node = {};
  std::string text = {};            // said: the progress line; skipped: which failure it waited for; stopping: why
  std::optional<Error> error = {};  // failed, stopped (on request, in the middle)
  Instant at = {};
  Duration elapsed = {};  // finished, failed, stopped: since started
  std::size_t done = 0;   // steps ended so far, and of how many
  std::size_t total = 0;
};

using EventSink = std::function<void(const Event&)>;

}  // namespace skep
