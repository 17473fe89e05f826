#include "providers/http/curl_http.h"

#include <gmock/gmock.h>

#include <algorithm>
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
using testing::RawServer;

Context within_seconds(int count) { return {.deadline = SystemClock().now() + seconds(count)}; }

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
    Request request{method, server.url() + "/a/b?c=d%20e", {{"Authorization", "Bearer x"}, {"X-Empty", ""}}, {}};
    if (request.method != "GET" && request.method != "DELETE") request.body = R"({"name":"web-1"})";
    const auto response = http.send(request, within_seconds(10));
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response.value().status, 200);
    EXPECT_EQ(response.value().headers.at("x-echo"), "yes");
    const std::string& body = response.value().body;
    EXPECT_THAT(body, HasSubstr(std::string(method) + " /a/b?c=d%20e\n"));
    EXPECT_THAT(body, HasSubstr("authorization=Bearer x\n"));
    EXPECT_THAT(body, HasSubstr("x-empty=\n"));
    EXPECT_THAT(body, Not(HasSubstr("content-type=")));
    EXPECT_TRUE(body.ends_with("\n\n" + request.body)) << body;
  }
}

}  // namespace
}  // namespace skep
