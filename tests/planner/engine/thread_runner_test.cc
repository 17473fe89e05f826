// Jobs on real threads: all run, at most so many at once, and their notices arrive in order.
#include "planner/engine/thread_runner.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(ThreadRunner(1000).capacity(), 256U);
  EXPECT_EQ(ThreadRunner().capacity(), 64U);
}

}  // namespace
}  // namespace skep
