#include "tests/sim/scheduler.h"

#include <algorithm>
#include <cassert>

namespace skep::sim {

Scheduler::~Scheduler() { end_all(); }

// The rest unwinds as if the process had ended: each job is woken once more, and throws at its point.
void Scheduler::end_all() {
  const bool was_crashed = faults_.is_crashed;
  faults_.is_crashed = true;
  for (auto& task : tasks_) {
    while (!task->fiber->is_done()) hand_over(*task);
  }
  tasks_.clear();
  faults_.is_crashed = was_crashed;
}

void Scheduler::start(StepId step, std::function<StepResult(Say)> job) {
  on_start(step);
  auto task = std::make_unique<Task>();
  task->step = step;
  task->job = std::move(job);
  Task& started = *task;
  tasks_.push_back(std::move(task));
  started.fiber = std::make_unique<Fiber>([this, &started] { run(started); });
}

void Scheduler::run(Task& task) {
  try {
    if (faults_.is_crashed) throw Crash{};
    task.result = task.job([](std::string_view) {});
  } catch (const Crash&) {
    faults_.is_crashed = true;
  }
  task.job = nullptr;
}

void Scheduler::hand_over(Task& task) const {
  holder_ = &task;
  task.fiber->resume();
  holder_ = nullptr;
}

void Scheduler::give_back(Task& task) const {
  task.fiber->pause();
  if (faults_.is_crashed) throw Crash{};
}

Scheduler::Task* Scheduler::next() {
  std::vector<Task*> ready;
  Task* earliest = nullptr;
  for (auto& task : tasks_) {
    if (task->fiber->is_done()) continue;
    if (task->wakes <= now_ || task->stop.stop_requested())
      ready.push_back(task.get());
    else if (!earliest || task->wakes < earliest->wakes)
      earliest = task.get();
  }
  if (!ready.empty()) return ready[below(ready.size())];
  assert(earliest);
  now_ = earliest->wakes;  // all sleep: time jumps
  return earliest;
}

std::vector<Notice> Scheduler::wait() {
  assert(!tasks_.empty());
  while (true) {
    Task& task = *next();
    hand_over(task);
    if (faults_.is_crashed) {
      end_all();
      throw Crash{};
    }
    if (!task.fiber->is_done()) continue;
    on_end(task.step);
    notices_.push_back({.kind = Notice::Kind::finished, .step = task.step, .result = std::move(task.result)});
    std::erase_if(tasks_, [&](const auto& other) { return other.get() == &task; });
    if (tasks_.empty() || below(2) == 0) return std::exchange(notices_, {});
  }
}

Result<void> Scheduler::sleep(Duration duration, const Context& context) const {
  assert(holder_);
  Task& task = *holder_;
  if (context.stop.stop_requested()) return Error{.code = ErrorCode::cancelled, .message = "stopped while it slept"};
  const bool is_too_long = duration > context.deadline - now_;
  task.wakes = is_too_long ? context.deadline : now_ + duration;
  task.stop = context.stop;
  give_back(task);
  task.wakes = Instant::min();
  task.stop = {};
  if (context.stop.stop_requested()) return Error{.code = ErrorCode::cancelled, .message = "stopped while it slept"};
  if (is_too_long) return Error{.code = ErrorCode::unavailable, .message = "the deadline came first"};
  return {};
}

void Scheduler::point() {
  ++faults_.points;
  if (faults_.points == faults_.stop_at) {
    faults_.stop.request_stop();
    on_stop();
  }
  if (faults_.points == faults_.crash_at) faults_.is_crashed = true;
  if (faults_.is_crashed) throw Crash{};
  if (holder_) give_back(*holder_);
}

}  // namespace skep::sim
