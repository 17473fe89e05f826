// Whom we trust over TLS, HTTP/2 where it is offered, and proxies of the environment.
#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "planner/system/clock.h"
#include "planner/system/processes.h"
#include "providers/http/curl_http.h"
#include "tests/fakes/http_raw_server.h"
#include "tests/fakes/http_server.h"

namespace skep {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::HttpServer;
using testing::RawConnection;
using testing::RawServer;

using testing::within_seconds;

class CurlTls : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does; OpenSSL writes without asking
    folder() = (std::filesystem::temp_directory_path() / ("skep-tls-" + std::to_string(getpid()))).string();
    std::filesystem::create_directories(folder());
    make_certificate("good", "IP:127.0.0.1");
    make_certificate("other", "DNS:elsewhere.example");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder()); }

  static std::string& folder() {
    static std::string path;
    return path;
  }
  static std::string certificate(const std::string& name) { return folder() + "/" + name + ".pem"; }
  static std::string key(const std::string& name) { return folder() + "/" + name + ".key"; }

  static void make_certificate(const std::string& name, const std::string& subject) {
    SystemProcesses processes;
    const auto made =
        run_checked(processes,
                    {{"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                      "-days", "2", "-subj", "/CN=skep test", "-addext", "subjectAltName=" + subject, "-keyout",
                      key(name), "-out", certificate(name)}},
                    within_seconds(30));
    ASSERT_TRUE(made.ok()) << made.error().message;
  }

  static HttpServer::Options served(const std::string& name) {
    return {.certificate = certificate(name), .key = key(name)};
  }
  static Response ok(const Request&) { return {200, {}, "ok"}; }
};

TEST_F(CurlTls, ATrustedServerIsTalkedTo) {
  HttpServer server(ok, served("good"));
  CurlHttp http({.ca_file = certificate("good")});
  for (int i = 0; i < 3; ++i) {
    const auto result = http.send({"GET", server.url()}, within_seconds(10));
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result.value().body, "ok");
  }
  EXPECT_EQ(server.connection_count(), 1);
}

TEST_F(CurlTls, AnUnknownIssuerAndAWrongNameAreRefusedAndNothingIsSent) {
  for (const char* name : {"good", "other"}) {
    SCOPED_TRACE(name);
    std::atomic<bool> was_asked = false;
    HttpServer server(
        [&](const Request&) {
          was_asked = true;
          return Response{};
        },
        served(name));
    // "good" is not among the trusted ones here; "other" is, but it names another host.
    CurlHttp http({.ca_file = certificate("other")});
    const auto result = http.send({"POST", server.url(), {{"Authorization", "Bearer x"}}, "x"}, within_seconds(10));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::refused) << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr("certificate is not trusted"));
    EXPECT_NE(result.error().hint, "");
    EXPECT_FALSE(was_asked);
  }
}

TEST_F(CurlTls, AFileOfTrustThatIsNotThereIsTheUsersToMend) {
  HttpServer server(ok, served("good"));
  CurlHttp http({.ca_file = folder() + "/absent.pem"});
  const auto result = http.send({"GET", server.url()}, within_seconds(10));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::invalid_input) << result.error().message;
}

TEST_F(CurlTls, Http2IsSpokenWhereItIsOffered) {
  SystemProcesses processes;
  if (!processes.find_program("nghttpd")) GTEST_SKIP() << "nghttpd is not installed (package nghttp2-server)";
  std::filesystem::create_directories(folder() + "/h2");
  std::ofstream(folder() + "/h2/hello") << "over two";
  const int port = testing::closed_port();
  std::stop_source stop;
  std::jthread server([&] {
    static_cast<void>(
        processes.run({{"nghttpd", "-d", folder() + "/h2", std::to_string(port), key("good"), certificate("good")}},
                      {.stop = stop.get_token()}));
  });
  CurlHttp http({.ca_file = certificate("good")});
  Result<Response> result = Error{ErrorCode::unavailable, "not tried"};
  for (int i = 0; i < 100 && !result.ok(); ++i) {
    static_cast<void>(SystemClock().sleep(std::chrono::milliseconds(50), {}));
    result = http.send({"GET", "https://127.0.0.1:" + std::to_string(port) + "/hello"}, within_seconds(5));
  }
  stop.request_stop();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result.value().body, "over two");  // that server speaks nothing but HTTP/2
}

/// A variable of the environment for the time of a test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (old_) {
      ::setenv(name_, old_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

TEST_F(CurlTls, ProxiesOfTheEnvironmentAreUsedButNotForThisComputer) {
  std::string target;
  RawServer proxy({[&](RawConnection& connection) {
    const std::string request = connection.read_request();
    target = request.substr(0, request.find("\r\n"));
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nproxy");
  }});
  HttpServer server(ok);
  const Variable variable("http_proxy", proxy.url());
  const Variable no_proxy("no_proxy", "skipped.invalid");
  CurlHttp http;
  const auto over = http.send({"GET", "http://cloud.invalid/v1/servers"}, within_seconds(10));
  ASSERT_TRUE(over.ok()) << over.error().message;
  EXPECT_EQ(over.value().body, "proxy");
  EXPECT_EQ(target, "GET http://cloud.invalid/v1/servers HTTP/1.1");

  const auto direct = http.send({"GET", server.url()}, within_seconds(10));
  ASSERT_TRUE(direct.ok()) << direct.error().message;
  EXPECT_EQ(direct.value().body, "ok");

  const auto skipped = http.send({"GET", "http://skipped.invalid/"}, within_seconds(10));
  ASSERT_FALSE(skipped.ok());
  EXPECT_EQ(skipped.error().code, ErrorCode::unavailable);
  EXPECT_EQ(proxy.connection_count(), 1);
}

TEST_F(CurlTls, WhatAProxyRefusesWasNeverSent) {
  RawServer proxy({[](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
  }});
  RawServer silent({[](RawConnection& connection) {
    connection.read_request();
    connection.reset();
  }});
  for (const auto* one : {&proxy, &silent}) {
    const Variable variable("https_proxy", one->url());
    CurlHttp http;
    const auto result = http.send({"POST", "https://cloud.invalid/v1/servers", {}, "x"}, within_seconds(10));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::unavailable) << result.error().message;
  }
}

}  // namespace
}  // namespace skep
