// What an output of progress does with events: one interface for people at a terminal, for logs, and for programs.
#pragma once

#include <string>
#include <string_view>

#include "planner/engine/event.h"

namespace skep {

class Progress {
 public:
  virtual ~Progress() = default;
  virtual void on(const Event& event) = 0;  // from the executor's thread
  virtual void tick() {}                    // time has passed; safe beside on()
  virtual void finish() {}                  // nothing more comes: the screen is left tidy
};

/// "creating", "created": what a step does, and what it has done.
std::string_view doing_word(StepAction action);
std::string_view done_word(StepAction action);

/// "server/worker-1".
std::string subject_of(const Event& event);

}  // namespace skep
