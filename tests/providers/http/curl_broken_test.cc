// Servers that break off, stall and lie: never sent is `unavailable`, sent and not answered is `unknown_outcome`.
#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <vector>

#include "planner/system/clock.h"
#include "providers/http/curl_http.h"
#include "tests/fakes/http_raw_server.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::RawConnection;
using testing::RawServer;

Context within_milliseconds(int count) { return {.deadline = SystemClock().now() + milliseconds(count)}; }

void answer(RawConnection& connection, std::string_view body) {
  connection.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  connection.write(body);
}

struct Broken {
  const char* name;
  RawServer::Script script;
};

std::vector<Broken> servers_that_got_the_request() {
  return {
      {"reset after the request",
       [](RawConnection& connection) {
         connection.read_request();
         connection.reset();
       }},
      {"closed after the request", [](RawConnection& connection) { connection.read_request(); }},
      {"reset in the middle of the request",
       [](RawConnection& connection) {
         connection.read_bytes(10);
         connection.reset();
       }},
      {"half a status line",
       [](RawConnection& connection) {
         connection.read_request();
         connection.write("HTTP/1.");
       }},
      {"half the headers",
       [](RawConnection& connection) {
         connection.read_request();
         connection.write("HTTP/1.1 201 Created\r\nContent-Le");
       }},
      {"no end of the headers",
       [](RawConnection& connection) {
         connection.read_request();
         connection.write("HTTP/1.1 201 Created\r\nX-A: b\r\n");
       }},
      {"half the body",
       [](RawConnection& connection) {
         connection.read_request();
         connection.write("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf");
       }},
      {"half the body, then reset",
       [](RawConnection& connection) {
         connection.read_request();
         connection.write("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf");
         connection.reset();
       }},
      {"half a chunk",
       [](RawConnection& connection) {
         connection.read_request();
         connection.write("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf");
       }},
      {"no last chunk",
       [](RawConnection& connection) {
         connection.read_request();
         connection.write("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfull\r\n");
       }},
      {"no HTTP",
       [](RawConnection& connection) {
         connection.read_request();
         connection.write("SSH-2.0-OpenSSH_9.2\r\n");
       }},
      {"broken packing",
       [](RawConnection& connection) {
         connection.read_request();
         connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd");
       }},
      {"silence",
       [](RawConnection& connection) {
         connection.read_request();
         connection.wait_for_close();
       }},
      {"silence after the headers",
       [](RawConnection& connection) {
         connection.read_request();
         connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
         connection.wait_for_close();
       }},
  };
}

TEST(CurlBroken, SentAndNotAnsweredIsAnUnknownOutcome) {
  for (const auto& broken : servers_that_got_the_request()) {
    for (const char* method : {"POST", "GET"}) {
      SCOPED_TRACE(std::string(broken.name) + ", " + method);
      RawServer server({broken.script});
      CurlHttp http;
      const auto result = http.send({method, server.url() + "/servers", {}, ""}, within_milliseconds(400));
      if (result.ok()) {
        ADD_FAILURE() << "answered " << result.value().status << ": " << result.value().body;
        continue;
      }
      EXPECT_EQ(result.error().code, ErrorCode::unknown_outcome) << result.error().message;
      EXPECT_THAT(result.error().message, HasSubstr(std::string(method) + " " + server.url() + "/servers: sent, but"));
    }
  }
}

TEST(CurlBroken, NeverSentIsUnavailable) {
  testing::DeafPort deaf;
  RawServer no_tls({[](RawConnection& connection) {
    connection.read_bytes(10);
    connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
  }});
  RawServer breaks_off_tls({[](RawConnection& connection) {
    connection.read_bytes(10);
    connection.reset();
  }});
  struct Case {
    const char* name;
    std::string url;
  };
  const std::vector<Case> cases = {
      {"refused", "http://127.0.0.1:" + std::to_string(testing::closed_port())},
      {"no answer to the connection", "http://127.0.0.1:" + std::to_string(deaf.port())},
      {"no such host", "http://no-such-host.invalid"},
      {"no TLS spoken", no_tls.url("https")},
      {"TLS broken off", breaks_off_tls.url("https")},
  };
  CurlHttp http;
  for (const auto& one : cases) {
    for (const char* method : {"GET", "POST"}) {
      SCOPED_TRACE(std::string(one.name) + ", " + method);
      const Instant begun = SystemClock().now();
      const auto result = http.send({method, one.url, {}, ""}, within_milliseconds(1500));
      ASSERT_FALSE(result.ok());
      EXPECT_EQ(result.error().code, ErrorCode::unavailable) << result.error().message;
      EXPECT_LT(SystemClock().now() - begun, seconds(20));
    }
  }
}

TEST(CurlBroken, ADeadlineThatPassedSendsNothing) {
  RawServer server({[](RawConnection& connection) { connection.wait_for_close(); }});
  CurlHttp http;
  const auto result = http.send({"POST", server.url()}, within_milliseconds(-1));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  EXPECT_EQ(server.connection_count(), 0);
}

TEST(CurlBroken, AnExchangeHasALimitOfItsOwnBelowTheDeadline) {
  RawServer server({[](RawConnection& connection) { connection.wait_for_close(); }});
  CurlHttp http({.timeout_exchange = milliseconds(100)});
  const Instant begun = SystemClock().now();
  const auto result = http.send({"GET", server.url()}, within_milliseconds(60'000));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::unknown_outcome);
  EXPECT_LT(SystemClock().now() - begun, seconds(30));
}

TEST(CurlBroken, ASlowAnswerIsWaitedFor) {
  RawServer server({[](RawConnection& connection) {
    connection.read_request();
    for (const char letter : std::string("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes")) {
      static_cast<void>(SystemClock().sleep(milliseconds(4), {}));
      connection.write(std::string(1, letter));
    }
  }});
  CurlHttp http;
  const auto result = http.send({"POST", server.url(), {}, "x"}, within_milliseconds(20'000));
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result.value().body, "yes");
}

TEST(CurlBroken, MoreThanItsLengthIsCutAndTheConnectionNotUsedAgain) {
  RawServer server({[](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyesHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    connection.wait_for_close();
  }});
  CurlHttp http;
  for (int i = 1; i <= 2; ++i) {
    const auto result = http.send({"GET", server.url()}, within_milliseconds(5000));
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result.value().body, "yes");
    EXPECT_EQ(server.connection_count(), i);
  }
}

TEST(CurlBroken, AnEndlessAnswerIsCutOff) {
  RawServer server({[](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 100; ++i) connection.write(std::string(100'000, 'x'));
  }});
  CurlHttp http({.body_bytes_limit = 1'000'000});
  const auto result = http.send({"GET", server.url()}, within_milliseconds(20'000));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::unknown_outcome);
  EXPECT_THAT(result.error().message, HasSubstr("longer than"));
}

/// Answers one request, then takes a second and resets: the usual end of a kept connection, after the effect.
/// Counts what arrives after the first.
std::vector<RawServer::Script> dies_at_the_second(std::atomic<int>& request_count) {
  return {[&](RawConnection& connection) {
            connection.read_request();
            answer(connection, "first");
            if (!connection.read_request().empty()) ++request_count;
            connection.reset();
          },
          [&](RawConnection& connection) {
            if (connection.read_request().empty()) return;
            ++request_count;
            answer(connection, "again");
          }};
}

TEST(CurlBroken, AMutatingRequestIsNeverSentTwiceBehindOurBack) {
  std::atomic<int> request_count = 0;
  {
    RawServer server(dies_at_the_second(request_count));
    CurlHttp http;
    ASSERT_TRUE(http.send({"GET", server.url()}, within_milliseconds(5000)).ok());
    const auto result = http.send({"POST", server.url(), {}, "create"}, within_milliseconds(5000));
    ASSERT_FALSE(result.ok()) << "it was sent again: " << result.value().body;
    EXPECT_EQ(result.error().code, ErrorCode::unknown_outcome);
    EXPECT_THAT(result.error().message, HasSubstr("closed without an answer"));
  }
  EXPECT_EQ(request_count, 1);
}

TEST(CurlBroken, ReadingAgainOnANewConnectionIsFine) {
  for (const bool is_marked : {false, true}) {
    std::atomic<int> request_count = 0;
    RawServer server(dies_at_the_second(request_count));
    CurlHttp http;
    ASSERT_TRUE(http.send({"GET", server.url()}, within_milliseconds(5000)).ok());
    Request request{is_marked ? "PUT" : "GET", server.url()};
    request.repeatable = is_marked;
    const auto result = http.send(request, within_milliseconds(5000));
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result.value().body, "again");
    EXPECT_EQ(request_count, 2);
  }
}

TEST(CurlBroken, AConnectionClosedWhileIdleCostsNothing) {
  std::atomic<int> posts = 0;
  RawServer server({[&](RawConnection& connection) {
    if (connection.read_request().starts_with("POST")) ++posts;
    answer(connection, "ok");
  }});
  CurlHttp http;
  for (int i = 0; i < 5; ++i) {
    const auto result = http.send({"POST", server.url(), {}, "x"}, within_milliseconds(5000));
    ASSERT_TRUE(result.ok()) << result.error().message;
    static_cast<void>(SystemClock().sleep(milliseconds(20), {}));  // the server's FIN arrives
  }
  EXPECT_EQ(posts, 5);
}

}  // namespace
}  // namespace skep
