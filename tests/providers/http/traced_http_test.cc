#include "providers/http/traced_http.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "providers/http/trace_file.h"
#include "tests/fakes/http_script.h"

namespace skep {
namespace {

using ::testing::HasSubstr;
using testing::ManualClock;
using ::testing::Not;
using testing::ScriptedHttp;

struct Traced {
  explicit Traced(std::vector<Secret> secrets = {})
      : http(
            next, clock, [this](std::string_view line) { lines.emplace_back(line); }, std::move(secrets)) {}
  ScriptedHttp next;
  ManualClock clock;
  std::vector<std::string> lines;
  TracedHttp http;
};

TEST(Traced, AnExchangeIsOneLine) {
  Traced traced;
  traced.next.then(201, {{"ratelimit-remaining", "9"}}, R"({"server":{"id":42}})");
  const Request request{
      "POST", "https://a.example/v1/servers?x=1", {{"Authorization", "Bearer abc"}}, R"({"name":"w"})"};
  const auto result = traced.http.send(request, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().status, 201);
  ASSERT_EQ(traced.lines.size(), 1U);
  EXPECT_EQ(
      traced.lines[0],
      R"({"at":"2026-09-21T14:13:20Z","elapsed_ms":0,"request":{"body":{"name":"w"},"headers":{"Authorization":"***"},)"
      R"("method":"POST","url":"https://a.example/v1/servers?x=1"},"response":{"body":{"server":{"id":42}},)"
      R"("headers":{"ratelimit-remaining":"9"},"status":201}})");
}

TEST(Traced, AnErrorIsALineToo) {
  Traced traced({Secret("hush-hush")});
  traced.next.then(Error{ErrorCode::unknown_outcome, "GET https://a?k=hush-hush: sent, but not answered"});
  EXPECT_FALSE(traced.http.send({"GET", "https://a?k=hush-hush"}, {}).ok());
  const Json line = Json::parse(traced.lines.at(0));
  EXPECT_EQ(line["error"],
            (Json{{"code", "unknown_outcome"}, {"message", "GET https://a?k=***: sent, but not answered"}}));
  EXPECT_EQ(line["request"]["url"], "https://a?k=***");
}

TEST(Traced, SecretsAreRedactedInEveryForm) {
  const std::string canary = "can\"ary/with spaces\nand lines";
  Traced traced({Secret(canary)});
  Json body = {{"plain", canary}, {"nested", {{"list", {canary, 1, nullptr}}}}, {canary, true}};
  body["packed"] = "begin Y2FuImFyeS93aXRoIHNwYWNlcwphbmQgbGluZXM= end";
  traced.next.then(200, {{"x-echo", canary}}, canary);
  const Request request{
      "POST", "https://a/?q=can%22ary%2Fwith%20spaces%0Aand%20lines", {{"X-Own", canary}}, body.dump()};
  ASSERT_TRUE(traced.http.send(request, {}).ok());
  const std::string& line = traced.lines.at(0);
  for (const char* part : {"can", "ary", "Y2Fu", "spaces"}) EXPECT_THAT(line, Not(HasSubstr(part)));
  const Json parsed = Json::parse(line);
  EXPECT_EQ(parsed["request"]["body"]["nested"]["list"], (Json{"***", 1, nullptr}));
  EXPECT_EQ(parsed["request"]["body"]["packed"], "begin *** end");
  EXPECT_EQ(parsed["response"]["body"], "***");
}

TEST(Traced, ASecretLearntLaterIsRedactedFromThenOn) {
  Traced traced;
  traced.next.then(200, {}, "late-secret").then(200, {}, "late-secret");
  ASSERT_TRUE(traced.http.send({"GET", "u"}, {}).ok());
  traced.http.add_secret(Secret("late-secret"));
  traced.http.add_secret(Secret("late-secret"));
  ASSERT_TRUE(traced.http.send({"GET", "u"}, {}).ok());
  EXPECT_THAT(traced.lines.at(0), HasSubstr("late-secret"));
  EXPECT_THAT(traced.lines.at(1), Not(HasSubstr("late-secret")));
}

TEST(Traced, ASecretThatContainsAnotherLeavesNothingBehind) {
  Traced traced({Secret("abcd"), Secret("abcd-efgh")});
  traced.next.then(200, {}, "x abcd-efgh y");
  ASSERT_TRUE(traced.http.send({"GET", "u"}, {}).ok());
  EXPECT_EQ(Json::parse(traced.lines.at(0))["response"]["body"], "x *** y");
}

TEST(Traced, CredentialsOfHeadersAndSecretMembersAreNeverShown) {
  Traced traced;
  traced.next.then(201, {{"set-cookie", "canary"}, {"x-subject-token", "canary"}},
                   R"({"root_password":"canary","server":{"root_password":null},"access":{"token":"canary"}})");
  const Request request{"POST",
                        "u",
                        {{"authorization", "canary"}, {"X-Auth-Token", "canary"}, {"COOKIE", "canary"}},
                        R"({"user_data":"#cloud-config canary","adminPass":"canary","name":"w"})"};
  ASSERT_TRUE(traced.http.send(request, {}).ok());
  EXPECT_THAT(traced.lines.at(0), Not(HasSubstr("canary")));
  const Json line = Json::parse(traced.lines.at(0));
  EXPECT_EQ(line["request"]["body"]["user_data"], "***");
  EXPECT_EQ(line["response"]["body"]["server"]["root_password"], nullptr);
}

TEST(Traced, LongBodiesAreCutAfterRedaction) {
  const std::string secret(1000, 's');
  Traced traced({Secret(secret)});
  traced.next.then(200, {}, std::string(65'000, 'a') + secret);
  ASSERT_TRUE(traced.http.send({"GET", "u"}, {}).ok());
  EXPECT_THAT(traced.lines.at(0), Not(HasSubstr("sss")));
  EXPECT_LT(traced.lines.at(0).size(), 70'000U);
}

TEST(TraceFile, AppendsAndIsPrivate) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("skep-trace-" + std::to_string(getpid()))).string();
  std::ofstream(path) << "before\n";
  ::chmod(path.c_str(), 0644);
  {
    const auto sink = trace_to_file(path);
    ASSERT_TRUE(sink.ok()) << sink.error().message;
    sink.value()("one");
    sink.value()("two");
  }
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(), "before\none\ntwo\n");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  std::filesystem::remove(path);
}

TEST(TraceFile, SaysWhyItCannotBeWritten) {
  EXPECT_EQ(trace_to_file("/nonexistent/folder/trace").error().code, ErrorCode::not_found);
  EXPECT_EQ(trace_to_file("/tmp").error().code, ErrorCode::invalid_input);
}

}  // namespace
}  // namespace skep
