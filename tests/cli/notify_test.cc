// Who is told of what: webhooks and mail of the spec's `notify`, through the whole program.
#include <gtest/gtest.h>

#include "planner/base/digest.h"
#include "tests/cli/app_fixture.h"

namespace skep {
namespace {

constexpr const char* key_canary = "hook-key-canary-never-shown";
constexpr const char* password_canary = "mail-password-canary-never-shown";
constexpr const char* address_canary = "T000-address-canary-never-shown";

class NotifyTest : public AppTest {
 protected:
  void SetUp() override {
    AppTest::SetUp();
    environment["HOOK"] = std::string("https://hooks.example/services/") + address_canary;
    environment["HOOK_KEY"] = key_canary;
    environment["MAIL_PASSWORD"] = password_canary;
  }
  static std::string chat(const std::string& more = "") {
    return "notify:\n  chat: {webhook: \"${HOOK:-}\", secret: {env: HOOK_KEY}" + more + "}\n";
  }
  static std::string ops(const std::string& more = "") {
    return "notify:\n  ops:\n    mail:\n      {server: \"smtp://mail.example:587\", from: skep@example.com, "
           "to: [ops@example.com, anna@example.com], user: skep, password: {env: MAIL_PASSWORD}}\n" +
           more;
  }
  Json told(std::size_t index) {
    const auto json = parse_json(http.seen.at(index).body, "the message");
    EXPECT_TRUE(json.ok());
    return json.ok() ? json.value() : Json();
  }
  std::vector<std::string> events() {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < http.seen.size(); ++i) found.push_back(told(i)["event"]);
    return found;
  }
  void fail_one() {
    servers.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
      if (resource.id.name == "worker-1") return Error{ErrorCode::exhausted, "no room for it", "ask for less"};
      return servers.keep(resource);
    };
  }
};

using Events = std::vector<std::string>;

TEST_F(NotifyTest, TheBeginningAndTheEndOfAnApply) {
  write_spec(1, chat());
  http.then(200).then(204);
  environment["CI_JOB_URL"] = "https://gitlab.example/-/jobs/8841";
  environment["CI_COMMIT_SHA"] = "1f3a";
  environment["CI_MERGE_REQUEST_IID"] = "12";
  environment["GITLAB_USER_LOGIN"] = "berta";
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(err.find("warning"), std::string::npos) << err;
  ASSERT_EQ(events(), (Events{"start", "end"}));
  EXPECT_EQ(told(0)["text"], "demo: apply has begun (2 to add, 0 to change, 0 to destroy)");
  const Json end = told(1);
  EXPECT_EQ(end["text"], "demo: apply is done (2 added, 0 changed, 0 destroyed)");
  EXPECT_EQ(end["type"], "notification");
  EXPECT_EQ(end["user"], "berta");
  EXPECT_EQ(end["host"], "build-7");
  EXPECT_EQ(end["commit"], "1f3a");
  EXPECT_EQ(end["change"], "!12");
  EXPECT_EQ(end["job_url"], "https://gitlab.example/-/jobs/8841");
  EXPECT_EQ(end["outcome"], "done");
  EXPECT_EQ(end["summary"], (Json{{"add", 2}, {"change", 0}, {"destroy", 0}}));
  EXPECT_EQ(run("state history 1 -json"), 0) << err;
  EXPECT_EQ(json_out()["plan_digest"], end["plan_digest"]) << "the record and the message speak of the same plan";
  EXPECT_NE(told(0)["id"], end["id"]);
}

TEST_F(NotifyTest, EachMessageIsSigned) {
  write_spec(0, chat());
  http.then(200).then(200);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  ASSERT_EQ(http.seen.size(), 2U);
  for (const auto& request : http.seen) {
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, environment["HOOK"]);
    EXPECT_EQ(request.headers.at("Content-Type"), "application/json");
    EXPECT_EQ(request.headers.at("X-Skep-Signature"), "sha256=" + keyed_digest_hex(key_canary, request.body));
  }
  EXPECT_EQ(http.seen[0].headers.at("X-Skep-Event"), "start");
  EXPECT_EQ(http.seen[0].headers.at("X-Skep-Delivery"), told(0)["id"]);
}

TEST_F(NotifyTest, APlanThatDestroysIsTold) {
  write_spec(2);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write_spec(3, chat());
  ASSERT_EQ(run("plan"), 0) << err;
  EXPECT_TRUE(http.seen.empty()) << "nothing is destroyed";
  write_spec(0, chat());
  http.then(200);
  ASSERT_EQ(run("plan"), 0) << err;
  ASSERT_EQ(events(), (Events{"destroys"}));
  EXPECT_EQ(told(0)["text"],
            "demo: a plan destroys server/worker-1, server/worker-2 (0 to add, 0 to change, 2 to destroy)");
  EXPECT_EQ(told(0)["destroys"], Json::array({{{"id", "server/worker-1"}}, {{"id", "server/worker-2"}}}));
  EXPECT_EQ(told(0)["operation"], "plan");
}

TEST_F(NotifyTest, AFailedApplyIsAFailureAndNoEnd) {
  write_spec(1, chat());
  http.then(200).then(200);
  fail_one();
  EXPECT_EQ(run("apply -auto-approve"), 1);
  ASSERT_EQ(events(), (Events{"start", "failure"}));
  EXPECT_EQ(told(1)["text"], "demo: apply failed: server/worker-1: no room for it");
  EXPECT_EQ(told(1)["summary"]["add"], 1) << "what was done";
}

TEST_F(NotifyTest, AStoppedApplyIsAFailure) {
  write_spec(2, chat(", on: [failure]"));
  http.then(200);
  servers.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    stop.request_stop();
    return servers.keep(resource);
  };
  EXPECT_EQ(run("apply -auto-approve -parallelism=1"), 5) << err;
  ASSERT_EQ(events(), (Events{"failure"}));
  EXPECT_EQ(told(0)["text"], "demo: apply was stopped early (1 added, 0 changed, 0 destroyed)");
}

TEST_F(NotifyTest, AnApplyThatFailsBeforeItsFirstStepIsAFailureWhenNobodyWasAsked) {
  write_spec(0, chat());
  http.then(200);
  EXPECT_EQ(run("apply nowhere.plan"), 1);
  ASSERT_EQ(events(), (Events{"failure"}));
  EXPECT_TRUE(has(told(0)["text"], "demo: apply failed: the saved plan: "));
  terminal.is_there = true;
  terminal.answers = {"no"};
  EXPECT_EQ(run("apply"), 1);
  EXPECT_EQ(http.seen.size(), 1U) << "whoever says no knows it";
}

TEST_F(NotifyTest, OnlyWhatWasAskedForIsSent) {
  write_spec(0, chat(", on: [end]"));
  http.then(200);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(events(), (Events{"end"}));
  write_spec(1, chat(", on: []"));
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write_spec(2, chat());
  ASSERT_EQ(run("apply -auto-approve -notify=false"), 0) << err;
  environment.erase("HOOK");
  write_spec(3, chat());
  ASSERT_EQ(run("apply -auto-approve"), 0) << err << "an empty address is off";
  EXPECT_EQ(http.seen.size(), 1U);
  EXPECT_EQ(err.find("warning"), std::string::npos) << err;
}

TEST_F(NotifyTest, WhatMayPassIsTriedAgainWithTheSameId) {
  write_spec(0, chat(", on: [end]"));
  http.then(503).then(ErrorCode::unavailable).then(200);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  ASSERT_EQ(http.seen.size(), 3U);
  EXPECT_EQ(http.seen[0].body, http.seen[2].body);
  EXPECT_EQ(err.find("warning"), std::string::npos) << err;
}

TEST_F(NotifyTest, WhoeverCannotBeReachedFailsNothingAndIsSaid) {
  write_spec(1, chat());
  http.then(410).then(500).then(500).then(500);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_TRUE(has(err, "warning: notify.chat was not told (start): https://hooks.example answers 410\n"));
  EXPECT_TRUE(has(err, "warning: notify.chat was not told (end): https://hooks.example answers 500\n"));
  EXPECT_EQ(http.seen.size(), 4U);
  EXPECT_EQ(servers.objects.size(), 2U);
  write_spec(2, chat());
  environment.erase("HOOK_KEY");
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_TRUE(has(err, "its secret: HOOK_KEY is not set"));
  EXPECT_EQ(http.seen.size(), 4U) << "nothing leaves unsigned";
}

TEST_F(NotifyTest, ByMailWithALogin) {
  write_spec(1, ops());
  fail_one();
  EXPECT_EQ(run("apply -auto-approve"), 1);
  ASSERT_EQ(mail.sent.size(), 2U);
  const auto& [server, message] = mail.sent[1];
  EXPECT_EQ(server.url, "smtp://mail.example:587");
  EXPECT_EQ(server.user, "skep");
  EXPECT_EQ(server.password.reveal(), password_canary);
  EXPECT_TRUE(server.needs_tls);
  EXPECT_EQ(message.from, "skep@example.com");
  EXPECT_EQ(message.to, (std::vector<std::string>{"ops@example.com", "anna@example.com"}));
  EXPECT_EQ(message.subject, "[skep] demo: apply failed: server/worker-1: no room for it");
  EXPECT_TRUE(has(message.body, "by: anna on build-7\n"));
  EXPECT_TRUE(http.seen.empty());
}

TEST_F(NotifyTest, MailThatFailsIsSaid) {
  write_spec(0, ops());
  mail.failures = {{ErrorCode::denied, "the login of skep is refused", "check the password"}};
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_TRUE(has(err, "warning: notify.ops was not told (start): the login of skep is refused\nhint: check the"));
  EXPECT_EQ(mail.sent.size(), 2U) << "what is refused is not tried again";
}

TEST_F(NotifyTest, ASubjectIsOneShortLineOfAscii) {
  write_spec(1, ops("    on: [failure]\n"));
  servers.on_create = [&](const Resource&, const Context&) -> Result<Object> {
    return Error{ErrorCode::exhausted, "kein Platz für\nBcc: everybody@example.com " + std::string(300, 'x')};
  };
  EXPECT_EQ(run("apply -auto-approve"), 1);
  ASSERT_EQ(mail.sent.size(), 1U);
  const std::string& subject = mail.sent[0].message.subject;
  EXPECT_LE(subject.size(), 150U);
  EXPECT_EQ(subject.find('\n'), std::string::npos);
  EXPECT_TRUE(has(subject, "kein Platz f??r"));
}

TEST_F(NotifyTest, EveryKeyOfAMessageIsDocumented) {
  std::ifstream file(SKEP_SOURCE_DIR "/docs/json.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string section = page.str().substr(page.str().find("\n## notification\n"));
  write_spec(0, chat());
  http.then(200).then(200);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  const Json message = told(1);
  EXPECT_FALSE(message.empty());
  for (const auto& [key, value] : message.items()) EXPECT_TRUE(has(section, "| `" + key + "` |"));
}

TEST_F(NotifyTest, TheExampleOfTheManualIsASpec) {
  std::ifstream file(SKEP_SOURCE_DIR "/docs/team.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str().substr(page.str().find("\nnotify:\n") + 1);
  write_spec(0, text.substr(0, text.find("```")));
  EXPECT_EQ(run("validate"), 0) << err;
}

TEST_F(NotifyTest, NoMessageAndNoWarningHoldsASecret) {
  write_spec(1, chat() + ops().substr(std::string("notify:\n").size()));
  environment["HCLOUD_TOKEN"] = "cloud-canary-never-shown";
  servers.on_create = [&](const Resource&, const Context&) -> Result<Object> {
    return Error{ErrorCode::denied, "the cloud refuses cloud-canary-never-shown"};
  };
  const Error lost = {ErrorCode::refused, "POST " + environment["HOOK"] + ": connection refused"};
  http.then(200).then(lost);
  EXPECT_EQ(run("apply -auto-approve"), 1);
  ASSERT_EQ(http.seen.size(), 2U);
  ASSERT_EQ(mail.sent.size(), 2U);
  EXPECT_TRUE(has(http.seen[1].body, "the cloud refuses ***"));
  EXPECT_TRUE(has(err, "POST https://hooks.example: connection refused"));
  EXPECT_TRUE(has(err, "the cloud refuses ***"));
  std::string all = out + err + mail.sent[1].message.subject + mail.sent[1].message.body + http.seen[1].body;
  EXPECT_EQ(run("state history 1"), 0);
  EXPECT_TRUE(has(out, "the cloud refuses ***"));
  all += out;
  EXPECT_EQ(run("state pull"), 0);
  all += out + text_of(".skep/demo.db");
  EXPECT_EQ(all.find("canary"), std::string::npos);
}

}  // namespace
}  // namespace skep
