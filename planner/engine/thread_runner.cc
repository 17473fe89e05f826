#include "planner/engine/thread_runner.h"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace skep {

namespace {

struct Job {
  StepId step = 0;
  std::function<StepResult(Say)> work;
};

}  // namespace

struct ThreadRunner::Shared {
  explicit Shared(std::size_t thread_limit) : limit(thread_limit) {}

  const std::size_t limit;
  std::mutex mutex = {};
  std::condition_variable job_came = {};
  std::condition_variable notice_came = {};
  std::deque<Job> jobs = {};
  std::vector<Notice> notices = {};
  std::vector<std::thread> threads = {};
  std::size_t idle = 0;     // threads that wait for a job
  std::size_t unended = 0;  // jobs started whose end wait() has not handed out yet
  bool is_closing = false;

  void tell(Notice notice) {
    const std::lock_guard lock(mutex);
    notices.push_back(std::move(notice));
    notice_came.notify_one();
  }

  /// How many of those that are still untold end a job.
  std::size_t ended() const {
    return static_cast<std::size_t>(std::ranges::count(notices, Notice::Kind::finished, &Notice::kind));
  }

  std::vector<Notice> take_notices() {
    unended -= ended();
    return std::exchange(notices, {});
  }

  /// Whether some thread will come to the job that waits last.
  bool add_thread() {
    try {
      threads.emplace_back([this] { run_jobs(); });
    } catch (const std::system_error&) {  // the limit of processes (pthread_create(3): EAGAIN)
    }
    return !threads.empty();
  }

  void refuse_last() {
    Error error{ErrorCode::exhausted, "this system lets skep start no thread",
                "raise the limit of processes: ulimit -u, or TasksMax or --pids-limit of what skep runs in"};
    notices.push_back({.kind = Notice::Kind::finished, .step = jobs.back().step, .result = std::move(error)});
    jobs.pop_back();
  }

  void run_jobs() {
    std::unique_lock lock(mutex);
    while (true) {
      ++idle;
      job_came.wait(lock, [&] { return is_closing || !jobs.empty(); });
      --idle;
      if (jobs.empty()) return;
      {
        Job job = std::move(jobs.front());
        jobs.pop_front();
        lock.unlock();
        const StepId step = job.step;
        StepResult result = job.work([this, step](std::string_view text) {
          tell({.kind = Notice::Kind::said, .step = step, .text = std::string(text)});
        });
        job.work = nullptr;  // what it owns goes before its end is told
        tell({.kind = Notice::Kind::finished, .step = step, .result = std::move(result)});
      }
      lock.lock();
    }
  }
};

ThreadRunner::ThreadRunner(std::size_t threads)
    : shared_(std::make_unique<Shared>(std::clamp<std::size_t>(threads, 1, most_threads))) {}

ThreadRunner::~ThreadRunner() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->is_closing = true;
  }
  shared_->job_came.notify_all();
  for (auto& thread : shared_->threads) thread.join();
}

std::size_t ThreadRunner::capacity() const { return shared_->limit; }

void ThreadRunner::start(StepId step, std::function<StepResult(Say)> job) {
  const std::lock_guard lock(shared_->mutex);
  assert(shared_->unended < shared_->limit);
  ++shared_->unended;
  shared_->jobs.push_back({step, std::move(job)});
  if (shared_->idle >= shared_->jobs.size()) {
    shared_->job_came.notify_one();
  } else if (!shared_->add_thread()) {
    shared_->refuse_last();
  }
}

std::vector<Notice> ThreadRunner::wait() {
  std::unique_lock lock(shared_->mutex);
  assert(shared_->unended > 0);
  shared_->notice_came.wait(lock, [&] { return !shared_->notices.empty(); });
  return shared_->take_notices();
}

std::vector<Notice> ThreadRunner::wait_for_more(Duration time) {
  std::unique_lock lock(shared_->mutex);
  shared_->notice_came.wait_for(lock, time, [&] { return shared_->ended() == shared_->unended; });
  return shared_->take_notices();
}

}  // namespace skep
