// Mail through a real server of somebody else's: in the clear, by STARTTLS, over TLS; and everything that is refused.
#include "providers/http/curl_mail.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "planner/system/processes.h"
#include "tests/fakes/http_raw_server.h"
#include "tests/fakes/mail_server.h"

namespace skep {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::MailServer;
using ::testing::Not;
using testing::RawConnection;
using testing::RawServer;
using testing::within_seconds;

constexpr const char* password = "canary-of-the-mail-4711";

class CurlMailTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder() = (std::filesystem::temp_directory_path() / ("skep-mail-" + std::to_string(getpid()))).string();
    std::filesystem::create_directories(folder());
    SystemProcesses processes;
    const auto made =
        run_checked(processes,
                    {{"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                      "-days", "2", "-subj", "/CN=skep test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                      folder() + "/key.pem", "-out", certificate()}},
                    within_seconds(30));
    ASSERT_TRUE(made.ok()) << made.error().message;
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder()); }

  static std::string& folder() {
    static std::string path;
    return path;
  }
  static std::string certificate() { return folder() + "/certificate.pem"; }
  static std::vector<std::string> speaking(const std::string& tls) {
    return {"--tls",         tls,
            "--certificate", certificate(),
            "--key",         folder() + "/key.pem",
            "--login",       std::string("skep:") + password};
  }

  static MailMessage message() {
    return {.from = "skep@example.com",
            .to = {"ops@example.com", "anna@example.com"},
            .subject = "[skep] demo: apply is done",
            .body = "demo: apply is done → gut\n.a line that begins with a dot\n" + std::string(2000, 'x') + "\n"};
  }
  static skep::MailServer place(const std::string& url) {
    return {.url = url, .user = "skep", .password = Secret(password)};
  }

  CurlMail mail{{.ca_file = certificate()}};
};

TEST_F(CurlMailTest, AMessageArrivesWhole) {
  MailServer server;
  const auto sent = mail.send({.url = server.url(), .needs_tls = false}, message(), within_seconds(10));
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  const Json got = server.next();
  EXPECT_EQ(got["from"], "skep@example.com");
  EXPECT_EQ(got["to"], Json::array({"ops@example.com", "anna@example.com"}));
  EXPECT_EQ(got["subject"], message().subject);
  EXPECT_EQ(got["text"].get<std::string>(), message().body);
  EXPECT_EQ(got["headers"]["From"], "skep@example.com");
  EXPECT_EQ(got["headers"]["To"], "ops@example.com, anna@example.com");
  EXPECT_THAT(json_string_or(got["headers"], "Date"),
              ::testing::MatchesRegex("[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} \\+0000"));
  EXPECT_EQ(got["tls"], false);
}

TEST_F(CurlMailTest, OverTlsOfBothKindsWithALogin) {
  for (const auto& [tls, scheme] : {std::pair{"starttls", "smtp"}, std::pair{"wrapped", "smtps"}}) {
    SCOPED_TRACE(tls);
    MailServer server(speaking(tls));
    const auto sent = mail.send(place(server.url(scheme)), message(), within_seconds(10));
    ASSERT_TRUE(sent.ok()) << sent.error().message;
    const Json got = server.next();
    EXPECT_EQ(got["user"], "skep");
    EXPECT_EQ(got["tls"], true);
  }
}

TEST_F(CurlMailTest, AWrongPasswordIsDeniedAndNotShown) {
  MailServer server(speaking("starttls"));
  auto wrong = place(server.url());
  wrong.password = Secret("another-canary-0815");
  const auto sent = mail.send(wrong, message(), within_seconds(10));
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().code, ErrorCode::denied);
  EXPECT_THAT(sent.error().message, HasSubstr("the login of skep is refused"));
  EXPECT_THAT(sent.error().message, Not(HasSubstr("canary")));
}

TEST_F(CurlMailTest, WithoutTlsNothingIsSaidUnlessToldSo) {
  MailServer server;
  const auto sent = mail.send(place(server.url()), message(), within_seconds(10));
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().code, ErrorCode::refused);
  EXPECT_THAT(sent.error().message, HasSubstr("offers no TLS"));
  auto clear = place(server.url());
  clear.needs_tls = false;
  EXPECT_EQ(mail.send(clear, message(), within_seconds(10)).error().code, ErrorCode::invalid_input)
      << "a password never goes in the clear";
}

TEST_F(CurlMailTest, AnUntrustedServerIsRefusedBeforeTheLogin) {
  CurlMail trusting_nobody;
  for (const auto& [tls, scheme] : {std::pair{"starttls", "smtp"}, std::pair{"wrapped", "smtps"}}) {
    MailServer server(speaking(tls));
    const auto sent = trusting_nobody.send(place(server.url(scheme)), message(), within_seconds(10));
    ASSERT_FALSE(sent.ok());
    EXPECT_EQ(sent.error().code, ErrorCode::refused) << sent.error().message;
    EXPECT_THAT(sent.error().message, HasSubstr("certificate"));
  }
}

TEST_F(CurlMailTest, AReceiverThatIsRefusedIsSaid) {
  MailServer server({"--refuse", "ops@example.com"});
  const auto sent = mail.send({.url = server.url(), .needs_tls = false}, message(), within_seconds(10));
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().code, ErrorCode::refused);
  EXPECT_THAT(sent.error().message, HasSubstr("550"));
}

TEST_F(CurlMailTest, ADeadOrSilentServerIsUnavailableInTime) {
  RawServer silent({[](RawConnection& connection) { connection.wait_for_close(); }});
  const auto stalled = mail.send({.url = silent.url("smtp"), .needs_tls = false}, message(),
                                 {.deadline = SystemClock().now() + std::chrono::milliseconds(300)});
  ASSERT_FALSE(stalled.ok());
  EXPECT_EQ(stalled.error().code, ErrorCode::unavailable) << stalled.error().message;
  RawServer busy({[](RawConnection& connection) { connection.write("421 too busy\r\n"); }});
  EXPECT_EQ(mail.send({.url = busy.url("smtp"), .needs_tls = false}, message(), within_seconds(10)).error().code,
            ErrorCode::unavailable);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(mail.send({.url = silent.url("smtp")}, message(), {.stop = stop.get_token()}).error().code,
            ErrorCode::cancelled);
}

TEST_F(CurlMailTest, WhatIsNoMailIsRefusedBeforeAnythingIsSaid) {
  const auto code_of = [&](const MailMessage& wrong, const std::string& url = "smtp://127.0.0.1:1") {
    const auto sent = mail.send({.url = url, .needs_tls = false}, wrong, within_seconds(10));
    return sent.ok() ? ErrorCode::internal : sent.error().code;
  };
  auto wrong = message();
  wrong.subject = "two\r\nBcc: everybody@example.com";
  EXPECT_EQ(code_of(wrong), ErrorCode::invalid_input);
  wrong = message();
  wrong.to = {};
  EXPECT_EQ(code_of(wrong), ErrorCode::invalid_input);
  wrong.to = {"a@b.c>\r\nRCPT TO:<d@e.f"};
  EXPECT_EQ(code_of(wrong), ErrorCode::invalid_input);
  wrong = message();
  wrong.from = "nobody";
  EXPECT_EQ(code_of(wrong), ErrorCode::invalid_input);
  EXPECT_EQ(code_of(message(), "http://127.0.0.1:1"), ErrorCode::invalid_input);
}

}  // namespace
}  // namespace skep
