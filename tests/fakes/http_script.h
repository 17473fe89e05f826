// An Http that answers what a test wrote down, a clock that moves only when somebody sleeps, and known randomness.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "planner/system/clock.h"
#include "planner/system/http.h"
#include "planner/system/random.h"

namespace skep::testing {

/// Answers in the order written; a request too many is answered with `internal`.
class ScriptedHttp final : public Http {
 public:
  ScriptedHttp& then(Result<Response> answer) {
    answers_.push_back(std::move(answer));
    return *this;
  }
  ScriptedHttp& then(int status, std::map<std::string, std::string> headers = {}, std::string body = {}) {
    return then(Response{status, std::move(headers), std::move(body)});
  }
  ScriptedHttp& then(ErrorCode code) { return then(Error{code, "scripted"}); }

  Result<Response> send(const Request& request, const Context&) override {
    const std::lock_guard lock(mutex_);
    seen.push_back(request);
    if (answers_.empty()) return Error{ErrorCode::internal, "the script has no answer left for " + request.url};
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  bool is_used_up() const { return answers_.empty(); }

  std::vector<Request> seen;

 private:
  std::mutex mutex_;
  std::deque<Result<Response>> answers_;
};

/// Sleeping moves the time on at once.
class ManualClock final : public Clock {
 public:
  Instant now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  WallTime wall() const override {
    const std::lock_guard lock(mutex_);
    return std::chrono::floor<std::chrono::seconds>(wall_begin + (now_ - Instant{}));
  }
  Result<void> sleep(Duration duration, const Context& context) const override {
    const std::lock_guard lock(mutex_);
    if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped on request"};
    slept.push_back(duration);
    if (duration > context.deadline - now_) {
      now_ = std::max(now_, context.deadline);
      return Error{ErrorCode::unavailable, "the deadline passed"};
    }
    now_ += duration;
    return {};
  }
  void advance(Duration duration) {
    const std::lock_guard lock(mutex_);
    now_ += duration;
  }

  static constexpr WallTime wall_begin{std::chrono::seconds(1'790'000'000)};
  mutable std::vector<Duration> slept;

 private:
  mutable std::mutex mutex_;
  mutable Instant now_{};
};

/// Every byte the same: 0 gives the smallest numbers. Not 0xFF: random_below() would throw for ever.
class SameBytes final : public Random {
 public:
  explicit SameBytes(std::uint8_t byte = 0) : byte_(byte) {}
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, byte_); }

 private:
  std::uint8_t byte_;
};

}  // namespace skep::testing
