// One job at a time, chosen by a seed: each is a fiber, and only one runs. Every call into the world is a point where
// another job may go on, and where skep may crash.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "planner/engine/runner.h"
#include "planner/system/clock.h"
#include "tests/sim/faults.h"
#include "tests/sim/fiber.h"

namespace skep::sim {

/// What a crash of skep is to a test: not an exception that product code could catch as a failure.
struct Crash {};

class Scheduler final : public Runner, public Clock {
 public:
  Scheduler(std::uint64_t seed, Faults& faults, Instant now) : random_(seed), faults_(faults), now_(now) {}
  ~Scheduler() override;  // ends what still runs, as a crash does

  /// Called for each step before it starts; for checks.
  std::function<void(StepId)> on_start = [](StepId) {};
  std::function<void(StepId)> on_end = [](StepId) {};
  std::function<void()> on_stop = [] {};  // at the point where skep is asked to stop

  std::size_t capacity() const override { return capacity_; }
  void set_capacity(std::size_t capacity) { capacity_ = capacity; }
  void start(StepId step, std::function<StepResult(Say)> job) override;
  std::vector<Notice> wait() override;

  Instant now() const override { return now_; }
  WallTime wall() const override { return {}; }
  /// Time passes only when every job sleeps; then it jumps.
  Result<void> sleep(Duration duration, const Context& context) const override;

  /// The computer sleeps: time passes for all jobs, also for those that run.
  void jump(Duration duration) { now_ += duration, jumped_ += duration; }
  Duration jumped() const { return jumped_; }

  /// A point where the baton may change hands, skep may be asked to stop, or crash (throws Crash).
  void point();
  bool happens(int permille) { return permille > 0 && static_cast<int>(random_() % 1000) < permille; }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  struct Task {
    StepId step = 0;
    std::function<StepResult(Say)> job;
    std::unique_ptr<Fiber> fiber = {};
    Instant wakes = Instant::min();  // sleeps until then
    std::stop_token stop = {};       // that ends its sleep
    std::optional<StepResult> result = {};
  };

  void run(Task& task);
  void hand_over(Task& task) const;
  void give_back(Task& task) const;
  Task* next();
  void end_all();

  mutable std::mt19937_64 random_;
  Faults& faults_;
  std::size_t capacity_ = 64;
  mutable Instant now_;
  Duration jumped_ = {};
  mutable Task* holder_ = nullptr;  // nullptr: the executor
  std::vector<std::unique_ptr<Task>> tasks_ = {};
  std::vector<Notice> notices_ = {};
};

}  // namespace skep::sim
