// A stop request wakes at once what may be dropped, and lets a mutating request that was sent come to its end.
#include <gmock/gmock.h>

#include <atomic>
#include <stop_token>
#include <thread>
#include <vector>

#include "planner/system/clock.h"
#include "providers/http/curl_http.h"
#include "tests/fakes/http_raw_server.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::RawConnection;
using testing::RawServer;

struct Ended {
  Result<Response> result;
  Duration elapsed;  // since the stop request
};

/// Sends, and asks to stop a while later.
Ended send_and_stop(CurlHttp& http, const Request& request, Duration stop_after = milliseconds(100)) {
  std::stop_source source;
  Instant stopped{};
  std::jthread stopper([&] {
    static_cast<void>(SystemClock().sleep(stop_after, {}));
    stopped = SystemClock().now();
    source.request_stop();
  });
  Context context{.deadline = SystemClock().now() + seconds(30), .stop = source.get_token()};
  auto result = http.send(request, context);
  stopper.join();
  return {std::move(result), SystemClock().now() - stopped};
}

void stay_silent(RawConnection& connection) {
  connection.read_request();
  connection.wait_for_close();
}

TEST(CurlStop, AReadIsDroppedAtOnce) {
  RawServer server({stay_silent});
  CurlHttp http;
  for (const char* method : {"GET", "HEAD"}) {
    const auto ended = send_and_stop(http, {method, server.url()});
    ASSERT_FALSE(ended.result.ok());
    EXPECT_EQ(ended.result.error().code, ErrorCode::cancelled) << ended.result.error().message;
    EXPECT_LT(ended.elapsed, seconds(15)) << "not woken";
  }
}

TEST(CurlStop, WhatIsNotSentYetIsDroppedAtOnce) {
  testing::DeafPort deaf;
  CurlHttp http;
  const auto ended = send_and_stop(http, {"POST", "http://127.0.0.1:" + std::to_string(deaf.port())});
  ASSERT_FALSE(ended.result.ok());
  EXPECT_EQ(ended.result.error().code, ErrorCode::cancelled) << ended.result.error().message;
  EXPECT_LT(ended.elapsed, seconds(15)) << "not woken";
}

TEST(CurlStop, AMutatingRequestThatWasSentGetsItsAnswer) {
  RawServer server({[](RawConnection& connection) {
    connection.read_request();
    static_cast<void>(SystemClock().sleep(milliseconds(400), {}));
    connection.write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nid");
  }});
  CurlHttp http;
  const auto ended = send_and_stop(http, {"POST", server.url(), {}, "x"});
  ASSERT_TRUE(ended.result.ok()) << ended.result.error().message;
  EXPECT_EQ(ended.result.value().body, "id");
}

TEST(CurlStop, AMutatingRequestWithoutAnswerEndsWithTheGraceTime) {
  RawServer server({stay_silent});
  CurlHttp http({.grace_after_stop = milliseconds(300)});
  const auto ended = send_and_stop(http, {"POST", server.url(), {}, "x"});
  ASSERT_FALSE(ended.result.ok());
  EXPECT_EQ(ended.result.error().code, ErrorCode::unknown_outcome);
  EXPECT_GE(ended.elapsed, milliseconds(290));
  EXPECT_LT(ended.elapsed, seconds(15)) << "it waited for the deadline";
}

TEST(CurlStop, AfterAStopNothingIsSent) {
  RawServer server({stay_silent});
  std::stop_source source;
  source.request_stop();
  CurlHttp http;
  const auto result = http.send({"POST", server.url()}, {.stop = source.get_token()});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
  EXPECT_EQ(server.connection_count(), 0);
}

TEST(CurlStop, AHundredHangingReadsEndTogether) {
  RawServer server({stay_silent});
  CurlHttp http;
  std::stop_source source;
  const Context context{.deadline = SystemClock().now() + seconds(30), .stop = source.get_token()};
  std::atomic<int> cancelled = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&] {
      const auto result = http.send({"GET", server.url()}, context);
      if (!result.ok() && result.error().code == ErrorCode::cancelled) ++cancelled;
    });
  }
  static_cast<void>(SystemClock().sleep(milliseconds(300), {}));
  const Instant stopped = SystemClock().now();
  source.request_stop();
  threads.clear();
  EXPECT_EQ(cancelled, 100);
  EXPECT_LT(SystemClock().now() - stopped, seconds(15)) << "not woken";
}

}  // namespace
}  // namespace skep
