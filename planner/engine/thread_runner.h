// Jobs on a bounded pool of threads.
#pragma once

#include <memory>

#include "planner/engine/runner.h"

namespace skep {

class ThreadRunner final : public Runner {
 public:
  explicit ThreadRunner(std::size_t threads = 64);  // 1 to 256; started as needed
  ~ThreadRunner() override;                         // waits for running jobs
  std::size_t capacity() const override;
  void start(StepId step, std::function<StepResult(Say)> job) override;
  std::vector<Notice> wait() override;
  std::vector<Notice> wait_for_more(Duration time) override;

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace skep
