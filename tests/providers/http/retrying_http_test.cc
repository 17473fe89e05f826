#include "providers/http/retrying_http.h"

#include <gmock/gmock.h>

#include <optional>
#include <vector>

#include "tests/fakes/http_script.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::ManualClock;
using testing::SameBytes;
using testing::ScriptedHttp;

struct Retrying {
  explicit Retrying(RetryPolicy policy = {}) : http(next, clock, random, std::move(policy)) {}
  ScriptedHttp next;
  ManualClock clock;
  SameBytes random;  // zeros: no jitter is taken off
  RetryingHttp http;
  Context context{.deadline = Instant{} + minutes(10)};
};

TEST(Retrying, WhatIsSentAgainDependsOnRequestAndResult) {
  struct Case {
    const char* name;
    Result<Response> result;
    bool get;       // GET, HEAD or marked repeatable
    bool mutating;  // POST, PUT, DELETE
  };
  const std::vector<Case> cases = {
      {"unavailable", Error{ErrorCode::unavailable, ""}, true, true},
      {"unknown outcome", Error{ErrorCode::unknown_outcome, ""}, true, false},
      {"cancelled", Error{ErrorCode::cancelled, ""}, false, false},
      {"refused", Error{ErrorCode::refused, ""}, false, false},
      {"invalid input", Error{ErrorCode::invalid_input, ""}, false, false},
      {"200", Response{200, {}, {}}, false, false},
      {"401", Response{401, {}, {}}, false, false},
      {"404", Response{404, {}, {}}, false, false},
      {"408", Response{408, {}, {}}, true, false},
      {"409", Response{409, {}, {}}, false, false},
      {"423, locked", Response{423, {}, "locked"}, true, true},
      {"423, protected", Response{423, {}, "protected"}, false, false},
      {"429", Response{429, {}, {}}, true, true},
      {"500", Response{500, {}, {}}, true, false},
      {"501", Response{501, {}, {}}, false, false},
      {"502", Response{502, {}, {}}, true, false},
      {"503", Response{503, {}, {}}, true, false},
      {"503 with Retry-After", Response{503, {{"retry-after", "1"}}, {}}, true, true},
      {"504", Response{504, {}, {}}, true, false},
  };
  RetryPolicy policy;
  policy.is_refused_for_now = [](const Response& response) { return response.body == "locked"; };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(may_be_repeated({"GET", ""}, one.result, policy), one.get);
    EXPECT_EQ(may_be_repeated({"HEAD", ""}, one.result, policy), one.get);
    EXPECT_EQ(may_be_repeated({.method = "PUT", .repeatable = true}, one.result, policy), one.get);
    for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
      EXPECT_EQ(may_be_repeated({method, ""}, one.result, policy), one.mutating) << method;
    }
  }
}

TEST(Retrying, GoesOnUntilItSucceedsWithGrowingPauses) {
  Retrying retrying;
  retrying.next.then(ErrorCode::unavailable).then(ErrorCode::unknown_outcome).then(502).then(200, {}, "done");
  const auto result = retrying.http.send({"GET", "u"}, retrying.context);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().body, "done");
  EXPECT_THAT(retrying.clock.slept, ElementsAre(milliseconds(500), seconds(1), seconds(2)));
}

TEST(Retrying, JitterTakesAtMostHalfOfThePause) {
  ScriptedHttp next;
  next.then(ErrorCode::unavailable).then(200);
  ManualClock clock;
  SameBytes random(0x55);
  RetryingHttp http(next, clock, random);
  ASSERT_TRUE(http.send({"GET", "u"}, {}).ok());
  ASSERT_EQ(clock.slept.size(), 1U);
  EXPECT_GE(clock.slept[0], milliseconds(250));
  EXPECT_LT(clock.slept[0], milliseconds(500));
}

TEST(Retrying, PausesEndAtTheLongest) {
  Retrying retrying({.attempt_limit = 10, .wait_longest = seconds(3)});
  for (int i = 0; i < 9; ++i) retrying.next.then(ErrorCode::unavailable);
  retrying.next.then(200);
  ASSERT_TRUE(retrying.http.send({"POST", "u"}, retrying.context).ok());
  EXPECT_EQ(retrying.clock.slept.back(), seconds(3));
}

TEST(Retrying, AMutatingRequestThatMayHaveArrivedIsNotSentAgain) {
  Retrying retrying;
  retrying.next.then(ErrorCode::unavailable).then(ErrorCode::unknown_outcome).then(200);
  const auto result = retrying.http.send({"POST", "u"}, retrying.context);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::unknown_outcome);
  EXPECT_EQ(retrying.next.seen.size(), 2U);
}

TEST(Retrying, GivesUpAfterItsAttemptsWithTheLastResult) {
  Retrying retrying({.attempt_limit = 3});
  retrying.next.then(ErrorCode::unavailable).then(ErrorCode::unavailable).then(503, {}, "last");
  const auto result = retrying.http.send({"GET", "u"}, retrying.context);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().body, "last");
  EXPECT_EQ(retrying.next.seen.size(), 3U);
}

TEST(Retrying, AReadThatWasNeverAnsweredIsUnavailable) {
  Retrying retrying({.attempt_limit = 2});
  retrying.next.then(ErrorCode::unknown_outcome).then(ErrorCode::unknown_outcome);
  EXPECT_EQ(retrying.http.send({"GET", "u"}, retrying.context).error().code, ErrorCode::unavailable);

  Retrying marked({.attempt_limit = 2});
  marked.next.then(ErrorCode::unknown_outcome).then(ErrorCode::unknown_outcome);
  EXPECT_EQ(marked.http.send({.method = "PUT", .repeatable = true}, marked.context).error().code,
            ErrorCode::unknown_outcome);
}

TEST(Retrying, DoesNotSleepTowardsADeadlineItCannotMeet) {
  Retrying retrying;
  retrying.context.deadline = Instant{} + milliseconds(1400);
  retrying.next.then(ErrorCode::unavailable).then(Error{ErrorCode::unavailable, "second"}).then(200);
  const auto result = retrying.http.send({"GET", "u"}, retrying.context);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "second");
  EXPECT_THAT(retrying.clock.slept, ElementsAre(milliseconds(500)));
}

TEST(Retrying, TheServersWishComesFirst) {
  struct Case {
    const char* name;
    int status;
    std::map<std::string, std::string> headers;
    Duration slept;
  };
  const auto wall = [](int seconds_from_begin) {
    return std::to_string((ManualClock::wall_begin + seconds(seconds_from_begin)).time_since_epoch().count());
  };
  const std::vector<Case> cases = {
      {"Retry-After", 429, {{"retry-after", "42"}}, seconds(42)},
      {"Retry-After of a 503", 503, {{"retry-after", "3"}}, seconds(3)},
      {"a bucket that refills at one a second",
       429,
       {{"ratelimit-limit", "3600"}, {"ratelimit-remaining", "0"}, {"ratelimit-reset", wall(3600)}},
       seconds(1)},
      {"a bucket that refills at one in two minutes",
       429,
       {{"ratelimit-limit", "30"}, {"ratelimit-remaining", "0"}, {"ratelimit-reset", wall(3600)}},
       minutes(2)},
      {"nothing said", 429, {}, milliseconds(500)},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    Retrying retrying;
    retrying.next.then(one.status, one.headers).then(200);
    ASSERT_TRUE(retrying.http.send({"POST", "u"}, retrying.context).ok());
    EXPECT_THAT(retrying.clock.slept, ElementsAre(one.slept));
  }
}

TEST(Retrying, AStopEndsTheWait) {
  Retrying retrying;
  std::stop_source stop;
  retrying.context.stop = stop.get_token();
  std::vector<std::string> said;
  retrying.context.say = [&](std::string_view line) {
    said.emplace_back(line);
    stop.request_stop();
  };
  retrying.next.then(429).then(200);
  const auto result = retrying.http.send({"GET", "u"}, retrying.context);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
  EXPECT_THAT(said, ElementsAre("the rate limit is reached: trying again in 0.5 s"));
}

}  // namespace
}  // namespace skep
