// What travels with every call that can block: until when, whether to stop, and where progress goes.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string_view>

namespace skep {

using Duration = std::chrono::milliseconds;
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;               // monotonic; for deadlines
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>;  // for people and records

struct Context {
  Instant deadline = Instant::max();
  std::stop_token stop = {};
  std::function<void(std::string_view)> say = [](std::string_view) {};  // one progress line; safe from any thread
};

}  // namespace skep
