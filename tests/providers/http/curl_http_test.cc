#include "providers/http/curl_http.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>
#include <vector>

#include "planner/system/clock.h"
#include "providers/http/curl_exchange.h"
#include "tests/fakes/http_raw_server.h"
#include "tests/fakes/http_server.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::HttpServer;
using ::testing::Not;
using testing::RawConnection;
using testing::RawServer;

using testing::within_seconds;

/// Says in its answer what it was asked.
Response echo(const Request& request) {
  std::string text = request.method + " " + request.url + "\n";
  for (const auto& [name, value] : request.headers) text += name + "=" + value + "\n";
  return {200, {{"X-Echo", "yes"}}, text + "\n" + request.body};
}

TEST(CurlHttp, RequestArrivesAndAnswerComesBack) {
  HttpServer server(echo);
  CurlHttp http;
  for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH"}) {
    SCOPED_TRACE(method);
    Request request{method, server.url() + "/a/b?c=d%20e", {{"Authorization", "Bearer x"}}, {}};
    if (request.method != "GET" && request.method != "DELETE") request.body = R"({"name":"web-1"})";
    const auto response = http.send(request, within_seconds(10));
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response.value().status, 200);
    EXPECT_EQ(response.value().headers.at("x-echo"), "yes");
    const std::string& body = response.value().body;
    EXPECT_THAT(body, HasSubstr(std::string(method) + " /a/b?c=d%20e\n"));
    EXPECT_THAT(body, HasSubstr("authorization=Bearer x\n"));
    EXPECT_THAT(body, Not(HasSubstr("content-type=")));
    EXPECT_TRUE(body.ends_with("\n\n" + request.body)) << body;
  }
}

TEST(CurlHttp, HeadersGoOutAsGivenAndBodilessRequestsSayLengthZero) {
  std::string request;
  RawServer server({[&](RawConnection& connection) {
    request = connection.read_request();
    connection.write("HTTP/1.1 204 No Content\r\nX-Twice: a\r\nx-twice: b\r\n\r\n");
  }});
  CurlHttp http;
  const auto response =
      http.send({"POST", server.url() + "/x", {{"X-Empty", ""}, {"Content-Type", "a/b"}}, {}}, within_seconds(10));
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response.value().status, 204);
  EXPECT_EQ(response.value().body, "");
  EXPECT_EQ(response.value().headers, (std::map<std::string, std::string>{{"x-twice", "a, b"}}));
  EXPECT_THAT(request, HasSubstr("POST /x HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nX-Empty:\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nContent-Type: a/b\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nContent-Length: 0\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("Expect:")));
}

TEST(CurlHttp, EveryStatusIsAnAnswer) {
  std::atomic<int> status = 0;
  HttpServer server([&](const Request&) { return Response{status.load(), {{"Location", "/elsewhere"}}, "body"}; });
  CurlHttp http;
  for (const int one : {200, 201, 301, 307, 401, 404, 409, 422, 429, 500, 502, 503}) {
    status = one;
    const auto response = http.send({"GET", server.url()}, within_seconds(10));
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response.value().status, one);
  }
}

TEST(CurlHttp, HeadAndInterimAnswersDoNotConfuseIt) {
  RawServer server({[](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
    connection.read_request();
    connection.write("HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\nHTTP/1.1 201 Created\r\nX-End: 1\r\n");
    connection.write("Content-Length: 2\r\n\r\nok");
    connection.wait_for_close();
  }});
  CurlHttp http;
  const auto head = http.send({"HEAD", server.url()}, within_seconds(10));
  ASSERT_TRUE(head.ok()) << head.error().message;
  EXPECT_EQ(head.value().headers.at("content-length"), "1234");
  const auto post = http.send({"POST", server.url(), {}, "x"}, within_seconds(10));
  ASSERT_TRUE(post.ok()) << post.error().message;
  EXPECT_EQ(post.value().status, 201);
  EXPECT_EQ(post.value().headers.count("x-hint"), 0U);
  EXPECT_EQ(post.value().body, "ok");
}

TEST(CurlHttp, PackedAnswersAreUnpackedAndLargeBodiesPass) {
  const std::string large(3'000'000, 'x');
  HttpServer server([&](const Request& request) {
    EXPECT_EQ(request.body.size(), request.method == "POST" ? large.size() : 0U);
    return Response{200, {{"content-type", "application/json"}}, large};
  });
  CurlHttp http;
  const auto response = http.send({"GET", server.url()}, within_seconds(20));
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response.value().headers.count("content-encoding"), 1U) << "the server was to pack it";
  EXPECT_EQ(response.value().body, large);
  EXPECT_TRUE(http.send({"POST", server.url(), {}, large}, within_seconds(20)).ok());
}

TEST(CurlHttp, ConnectionsAreUsedAgain) {
  HttpServer server(echo);
  CurlHttp http;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(http.send({"GET", server.url()}, within_seconds(10)).ok());
  EXPECT_EQ(server.connection_count(), 1);
}

TEST(CurlHttp, ManyThreadsGetEachItsOwnAnswerOverAFewConnections) {
  constexpr int thread_count = 16;
  HttpServer server([](const Request& request) { return Response{200, {}, request.url + request.body}; });
  CurlHttp http;
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < thread_count; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string path = "/" + std::to_string(t) + "/" + std::to_string(i);
        const auto response = http.send({"POST", server.url() + path, {}, "body"}, within_seconds(30));
        if (response.ok() && response.value().body == path + "body") ++right;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(right, thread_count * 25);
  EXPECT_LE(server.connection_count(), thread_count);
}

TEST(CurlHttp, WhatIsNoRequestIsNotSent) {
  struct Case {
    const char* name;
    Request request;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"no URL", {"GET", "servers"}, "not a URL"},
      {"empty URL", {"GET", ""}, "not a URL"},
      {"a file", {"GET", "file:///etc/passwd"}, "not a URL"},
      {"another protocol", {"GET", "ftp://example.com/x"}, "neither http nor https"},
      {"a method with a space", {"GET /", "http://127.0.0.1"}, "not a method of HTTP"},
      {"a smuggled header", {"GET", "http://127.0.0.1", {{"A", "b\r\nC: d"}}}, "cannot be sent"},
      {"a smuggled name", {"GET", "http://127.0.0.1", {{"A: b\nC", "d"}}}, "cannot be sent"},
  };
  CurlHttp http;
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    const auto response = http.send(one.request, within_seconds(10));
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().code, ErrorCode::invalid_input);
    EXPECT_THAT(response.error().message, HasSubstr(one.message));
  }
}

TEST(CurlHttp, MessagesNameTheRequestButNeitherQueryNorPassword) {
  EXPECT_EQ(shown({"GET", "https://user:pass@api.example.com/v1/servers?token=x#y"}),
            "GET https://api.example.com/v1/servers");
  EXPECT_EQ(shown({"PUT", "https://api.example.com"}), "PUT https://api.example.com");
  EXPECT_EQ(shown({"GET", "https://api.example.com/a@b"}), "GET https://api.example.com/a@b");
  EXPECT_EQ(shown({"GET", "https://a:b@c@api.example.com"}), "GET https://api.example.com");
}

}  // namespace
}  // namespace skep
