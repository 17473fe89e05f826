// Jobs on real threads: all run, at most so many at once, and their notices arrive in order.
#include "planner/engine/thread_runner.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>

namespace skep {
namespace {

StepResult done() { return StepOutcome{}; }

std::size_t finished(const std::vector<Notice>& notices) {
  std::size_t count = 0;
  for (const auto& notice : notices) count += notice.kind == Notice::Kind::finished ? 1 : 0;
  return count;
}

TEST(ThreadRunner, RunsEveryJobAndNeverMoreThanItsCapacity) {
  ThreadRunner runner(4);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::size_t started = 0;
  std::size_t ended = 0;
  while (ended < 200) {
    while (started < 200 && started - ended < runner.capacity()) {
      runner.start(static_cast<StepId>(started++), [&](const Say& say) {
        const int now = ++running;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        say("working");
        --running;
        return done();
      });
    }
    ended += finished(runner.wait());
  }
  EXPECT_LE(most, 4);
  EXPECT_EQ(running, 0);
}

TEST(ThreadRunner, WhatAJobSaysComesBeforeItsEnd) {
  ThreadRunner runner(2);
  runner.start(7, [](const Say& say) {
    say("one");
    say("two");
    return StepResult(Error{.code = ErrorCode::refused, .message = "no"});
  });
  std::vector<Notice> all;
  while (finished(all) == 0)
    for (auto& notice : runner.wait()) all.push_back(std::move(notice));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].text, "one");
  EXPECT_EQ(all[1].text, "two");
  EXPECT_EQ(all[2].step, 7U);
  EXPECT_EQ(all[2].result->error().message, "no");
}

TEST(ThreadRunner, JobsThatWaitForEachOtherRunAtTheSameTime) {
  ThreadRunner runner(8);
  std::atomic<int> arrived = 0;
  for (StepId step = 0; step < 8; ++step) {
    runner.start(step, [&](const Say&) {
      ++arrived;
      while (arrived < 8) std::this_thread::yield();
      return done();
    });
  }
  std::size_t ended = 0;
  while (ended < 8) ended += finished(runner.wait());
}

TEST(ThreadRunner, WaitingForMoreEndsWithTheLastJob) {
  ThreadRunner runner(4);
  std::latch both_go(1);
  for (StepId step = 0; step < 3; ++step) {
    runner.start(step, [&, step](const Say&) {
      if (step > 0) both_go.wait();
      return StepOutcome{};
    });
  }
  EXPECT_EQ(runner.wait().size(), 1U);
  EXPECT_TRUE(runner.wait_for_more(std::chrono::milliseconds(1)).empty());
  both_go.count_down();
  EXPECT_EQ(runner.wait_for_more(std::chrono::hours(1)).size(), 2U);
  EXPECT_TRUE(runner.wait_for_more(std::chrono::hours(1)).empty()) << "nothing runs any more";
}

TEST(ThreadRunner, ItsEndWaitsForWhatRuns) {
  std::atomic<bool> is_done = false;
  {
    ThreadRunner runner(1);
    runner.start(0, [&](const Say&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      is_done = true;
      return done();
    });
  }
  EXPECT_TRUE(is_done);
}

TEST(ThreadRunner, CapacityStaysInItsBounds) {
  EXPECT_EQ(ThreadRunner(0).capacity(), 1U);
  EXPECT_EQ(ThreadRunner(5000).capacity(), most_threads);
  EXPECT_EQ(ThreadRunner().capacity(), usual_threads);
}

/// Forty jobs on a runner for forty, in a process that may start no more than `more` threads. Ends with how many were
/// done, of those that did not end in an error.
[[noreturn]] void run_under_limit(rlim_t more) {
  constexpr uid_t nobody_else = 64123;  // root is bound by no limit
  const rlimit limit{more + 1, more + 1};
  if (setrlimit(RLIMIT_NPROC, &limit) != 0 || setresuid(nobody_else, nobody_else, nobody_else) != 0) _exit(200);
  int done_well = 0;
  {
    ThreadRunner runner(40);
    for (StepId step = 0; step < 40; ++step) {
      runner.start(step, [](const Say&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return done();
      });
    }
    for (std::size_t ended = 0; ended < 40;) {
      for (const auto& notice : runner.wait()) {
        ++ended;
        if (notice.result->ok()) {
          ++done_well;
        } else if (notice.result->error().code != ErrorCode::exhausted) {
          _exit(201);
        }
      }
    }
  }
  _exit(done_well);
}

TEST(ThreadRunner, JobsWaitForTheThreadsThatTheSystemGives) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  EXPECT_EXIT(run_under_limit(3), ::testing::ExitedWithCode(40), "");
}

TEST(ThreadRunner, WithoutAnyThreadAJobEndsInAnError) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  EXPECT_EXIT(run_under_limit(0), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace skep
