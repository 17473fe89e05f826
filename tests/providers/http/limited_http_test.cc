#include "providers/http/limited_http.h"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <thread>
#include <vector>

#include "tests/fakes/http_script.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ManualClock;
using testing::ScriptedHttp;

std::map<std::string, std::string> rate(int limit, int remaining, int full_in_seconds) {
  const auto reset = ManualClock::wall_begin + seconds(full_in_seconds);
  return {{"ratelimit-limit", std::to_string(limit)},
          {"ratelimit-remaining", std::to_string(remaining)},
          {"ratelimit-reset", std::to_string(reset.time_since_epoch().count())}};
}

TEST(Limited, NothingWaitsWhileTheBudgetLasts) {
  ScriptedHttp next;
  ManualClock clock;
  LimitedHttp http(next, clock);
  for (int i = 0; i < 100; ++i) next.then(200, rate(3600, 3599 - i, 1 + i));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(http.send({"GET", "u"}, {}).ok());
  EXPECT_TRUE(clock.slept.empty());
}

TEST(Limited, ABudgetThatIsUsedUpIsSpentAtThePaceAtWhichItFills) {
  ScriptedHttp next;
  ManualClock clock;
  LimitedHttp http(next, clock);
  next.then(200, rate(3600, 2, 3598));
  for (int i = 0; i < 5; ++i) next.then(200);
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(http.send({"GET", "u"}, {}).ok());
  // the first tells that two are left; the two go at once, the other three at one a second
  EXPECT_EQ(clock.slept.size(), 3U);
  EXPECT_NEAR(static_cast<double>((clock.now() - Instant{}).count()), 3000, 20);
}

TEST(Limited, TimeGivesBackWhatWasSpent) {
  ScriptedHttp next;
  ManualClock clock;
  LimitedHttp http(next, clock);
  next.then(200, rate(3600, 0, 3600));
  ASSERT_TRUE(http.send({"GET", "u"}, {}).ok());
  clock.advance(seconds(5));
  for (int i = 0; i < 5; ++i) {
    next.then(200);
    ASSERT_TRUE(http.send({"GET", "u"}, {}).ok());
  }
  EXPECT_TRUE(clock.slept.empty());
}

TEST(Limited, ATurnAfterTheDeadlineIsRefusedAtOnce) {
  ScriptedHttp next;
  ManualClock clock;
  LimitedHttp http(next, clock, {.wait_longest = minutes(10)});
  next.then(200, rate(6, 0, 3600));  // one in ten minutes
  ASSERT_TRUE(http.send({"GET", "u"}, {}).ok());
  const auto result = http.send({"POST", "u"}, {.deadline = Instant{} + minutes(5)});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  EXPECT_THAT(result.error().message, ::testing::HasSubstr("rate limit is used up"));
  EXPECT_TRUE(clock.slept.empty());
  EXPECT_EQ(next.seen.size(), 1U);
}

TEST(Limited, AWindowThatMovesIsWaitedForUntilItsOldestRequestLeaves) {
  ScriptedHttp next;
  ManualClock clock;
  LimitedHttp http(next, clock, {.reset = ResetMeaning::next});
  next.then(200, rate(5000, 0, 20)).then(200, rate(5000, 0, 25));
  ASSERT_TRUE(http.send({"GET", "u"}, {}).ok());
  ASSERT_TRUE(http.send({"GET", "u"}, {}).ok());
  EXPECT_NEAR(static_cast<double>((clock.now() - Instant{}).count()), 20'000, 20);
}

/// Holds every request until it is let go; counts how many it holds.
class Gate final : public Http {
 public:
  Result<Response> send(const Request&, const Context&) override {
    std::unique_lock lock(mutex_);
    ++held_;
    most_ = std::max(most_, held_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_ > 0; });
    --open_;
    --held_;
    return Response{200, {}, {}};
  }
  void let_go(int count) {
    const std::lock_guard lock(mutex_);
    open_ += count;
    changed_.notify_all();
  }
  void wait_for_arrivals(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }
  int most() const { return most_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int held_ = 0;
  int most_ = 0;
  int arrived_ = 0;
  int open_ = 0;
};

TEST(Limited, NeverMoreInFlightThanAllowedAndAllGetThrough) {
  Gate gate;
  SystemClock clock;
  LimitedHttp http(gate, clock, {.in_flight = 4});
  std::atomic<int> done = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 40; ++i) {
    threads.emplace_back([&] {
      if (http.send({"GET", "u"}, {}).ok()) ++done;
    });
  }
  gate.wait_for_arrivals(4);
  gate.let_go(40);
  threads.clear();
  EXPECT_EQ(done, 40);
  EXPECT_EQ(gate.most(), 4);
}

TEST(Limited, WhoWaitsForASlotHeedsStopAndDeadline) {
  Gate gate;
  SystemClock clock;
  LimitedHttp http(gate, clock, {.in_flight = 1});
  std::jthread first([&] { EXPECT_TRUE(http.send({"GET", "first"}, {}).ok()); });
  gate.wait_for_arrivals(1);

  const auto late = http.send({"GET", "late"}, {.deadline = clock.now() + milliseconds(30)});
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::unavailable);

  std::stop_source stop;
  std::jthread stopper([&] {
    static_cast<void>(SystemClock().sleep(milliseconds(30), {}));
    stop.request_stop();
  });
  const auto stopped = http.send({"GET", "stopped"}, {.stop = stop.get_token()});
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);

  gate.let_go(2);  // neither of them took the slot away
  first.join();
  EXPECT_TRUE(http.send({"GET", "next"}, {.deadline = clock.now() + seconds(10)}).ok());
}

TEST(Limited, AStormOfStopsAndTurnsLosesNoSlot) {
  SystemClock clock;
  class Quick final : public Http {
    Result<Response> send(const Request&, const Context&) override { return Response{200, {}, {}}; }
  } quick;
  LimitedHttp http(quick, clock, {.in_flight = 2});
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        std::stop_source stop;
        std::jthread stopper([&] { stop.request_stop(); });
        static_cast<void>(http.send({"GET", "u"}, {.stop = stop.get_token()}));
      }
    });
  }
  threads.clear();
  const Context soon{.deadline = clock.now() + seconds(5)};
  EXPECT_TRUE(http.send({"GET", "u"}, soon).ok());
  EXPECT_TRUE(http.send({"GET", "u"}, soon).ok());
}

}  // namespace
}  // namespace skep
