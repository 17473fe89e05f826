// A call at a regular pace from a thread of its own: for a live display, and for a deadline that draws near.
#pragma once

#include <functional>
#include <thread>

#include "planner/system/context.h"

namespace skep {

class Ticker {
 public:
  /// Calls `tick` every `every`, first after that time, until it is destroyed. `tick` must be safe beside the caller's
  /// thread and should be short.
  Ticker(Duration every, std::function<void()> tick);

  /// Waits for a call under way; none comes after it.
  ~Ticker() = default;
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  std::jthread thread_;
};

}  // namespace skep
