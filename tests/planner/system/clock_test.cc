#include "planner/system/clock.h"

#include <gtest/gtest.h>

#include <thread>

namespace skep {
namespace {

using namespace std::chrono_literals;

TEST(SystemClock, SleepsAtLeastAsLongAsAsked) {
  const SystemClock clock;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(clock.sleep(30ms, {}).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 30ms);
  EXPECT_TRUE(clock.sleep(0ms, {}).ok());
  EXPECT_TRUE(clock.sleep(-5s, {}).ok());
}

TEST(SystemClock, AStopRequestWakesASleeperAtOnce) {
  const SystemClock clock;
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(20ms);
    source.request_stop();
  });
  const Instant begun = clock.now();
  const auto slept = clock.sleep(Duration::max(), {.stop = source.get_token()});
  EXPECT_EQ(slept.error().code, ErrorCode::cancelled);
  EXPECT_LT(clock.now() - begun, 5s);
  EXPECT_EQ(clock.sleep(1ms, {.stop = source.get_token()}).error().code, ErrorCode::cancelled);  // and from then on
}

TEST(SystemClock, ANearerDeadlineEndsTheSleepWithAnError) {
  const SystemClock clock;
  const Instant begun = clock.now();
  EXPECT_EQ(clock.sleep(1h, {.deadline = begun + 20ms}).error().code, ErrorCode::unavailable);
  EXPECT_GE(clock.now() - begun, 20ms);
  EXPECT_LT(clock.now() - begun, 5s);
  EXPECT_EQ(clock.sleep(1h, {.deadline = begun - 1h}).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(clock.sleep(1ms, {.deadline = clock.now() + 1h}).ok());
}

TEST(SystemClock, TimesAreWrittenAsInTheStandard) {
  EXPECT_EQ(rfc3339(WallTime{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(WallTime(1795253400s)), "2026-11-21T09:30:00Z");
  EXPECT_EQ(rfc3339(WallTime(951827696s)), "2000-02-29T12:34:56Z");
}

TEST(SystemClock, TimesAreReadBack) {
  for (const char* text : {"1970-01-01T00:00:00Z", "2026-11-21T09:30:00Z", "2000-02-29T12:34:56Z"})
    EXPECT_EQ(rfc3339(parse_rfc3339(text).value()), text);
  for (const char* text : {"", "now", "2026-11-21", "2026-11-21T09:30:00", "2026-11-21T09:30:00+01:00",
                           "2026-02-30T09:30:00Z", "2026-11-21T24:30:00Z", "2026-11-21T09:30:00Z "})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(SystemClock, WithinTakesTheNearerDeadlineAndNeverOverflows) {
  const SystemClock clock;
  const Instant now = clock.now();
  const Context far = {.deadline = now + 1h};
  EXPECT_LE(within(clock, 10s, far).deadline, clock.now() + 10s);
  EXPECT_EQ(within(clock, 2h, far).deadline, far.deadline);
  EXPECT_EQ(within(clock, Duration::max(), {}).deadline, Instant::max());
  std::stop_source source;
  source.request_stop();
  EXPECT_TRUE(within(clock, 1s, {.stop = source.get_token()}).stop.stop_requested());
}

}  // namespace
}  // namespace skep
