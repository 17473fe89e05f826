// Jobs on a bounded pool of threads.
#pragma once

#include <memory>

#include "planner/engine/runner.h"

namespace skep {

/// A step that waits for a cloud or a host keeps its thread, and a thread that waits costs little: as many as there are
/// steps. What clouds and hosts bear at once is bounded where they are asked.
inline constexpr std::size_t usual_threads = 256;
inline constexpr std::size_t most_threads = 1024;

class ThreadRunner final : public Runner {
 public:
  /// 1 to `most_threads`, started as needed. Where the system gives fewer, jobs wait for those that there are.
  explicit ThreadRunner(std::size_t threads = usual_threads);
  ~ThreadRunner() override;  // waits for running jobs
  std::size_t capacity() const override;
  void start(StepId step, std::function<StepResult(Say)> job) override;
  std::vector<Notice> wait() override;
  std::vector<Notice> wait_for_more(Duration time) override;

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace skep
