// --gitlab, --gitlab-note, --json-into, a job's summary and its folded log, through the whole program.
#include <gtest/gtest.h>

#include "tests/cli/app_fixture.h"

namespace skep {
namespace {

constexpr const char* token_canary = "glpat-canary-4711-never-shown";

class CiOutputsTest : public AppTest {
 protected:
  void enter_merge_request() {
    environment["CI_API_V4_URL"] = "https://gitlab.example.com/api/v4";
    environment["CI_PROJECT_ID"] = "7";
    environment["CI_MERGE_REQUEST_IID"] = "12";
    environment["SKEP_GITLAB_TOKEN"] = token_canary;
  }
  static std::string notes(const Json& list) { return dump_json(list); }
};

TEST_F(CiOutputsTest, APlanWritesEveryFile) {
  write_spec(1);
  ASSERT_EQ(run("plan --gitlab reports/ci --json-into plan-report.json"), 0) << err;
  EXPECT_TRUE(has(out, "Plan: 2 to add")) << "the text is still there";
  EXPECT_EQ(text_of("reports/ci/tfplan.json"), "{\"create\":2,\"delete\":0,\"update\":0}\n");
  EXPECT_TRUE(has(text_of("reports/ci/report.md"), "### skep plan: demo"));
  EXPECT_TRUE(has(text_of("reports/ci/index.html"), "<h1>demo</h1>"));
  EXPECT_TRUE(has(text_of("reports/ci/junit.xml"), "create server/worker-1"));
  EXPECT_TRUE(has(text_of("reports/ci/skep.env"), "SKEP_OUTCOME=planned"));
  const auto record = parse_json(text_of("plan-report.json"), "the file");
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record.value()["type"], "plan");
  EXPECT_EQ(record.value()["summary"]["add"], 2);
  EXPECT_TRUE(http.seen.empty()) << "nobody was asked without being told to";
  EXPECT_FALSE(is_there(".skep"));
}

TEST_F(CiOutputsTest, WhatIsMeantForTheRunnerMayBeReadByIt) {
  write_spec(0);
  ASSERT_EQ(run("plan --gitlab ci"), 0) << err;
  EXPECT_EQ(mode_of("ci/index.html"), 0644U);
}

TEST_F(CiOutputsTest, ARunSaysHowItEnded) {
  write_spec(1);
  servers.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    if (resource.id.name == "worker-1") return Error{ErrorCode::exhausted, "no room for it", "ask for less"};
    return servers.keep(resource);
  };
  EXPECT_EQ(run("apply -auto-approve --gitlab ci --json-into run.json"), 1);
  EXPECT_TRUE(has(text_of("ci/junit.xml"), "<failure message=\"no room for it\">ask for less</failure>"));
  EXPECT_TRUE(has(text_of("ci/skep.env"), "SKEP_OUTCOME=failed\nSKEP_HAS_CHANGES=true\nSKEP_ADD=1"));
  EXPECT_TRUE(has(text_of("ci/index.html"), "What failed"));
  EXPECT_TRUE(has(text_of("run.json"), "\"type\": \"summary\""));
  servers.on_create = nullptr;
  EXPECT_EQ(run("apply -auto-approve --gitlab ci"), 0) << err;
  EXPECT_TRUE(has(text_of("ci/skep.env"), "SKEP_OUTCOME=done"));
  EXPECT_EQ(run("apply -auto-approve --gitlab ci"), 0) << err;
  EXPECT_TRUE(has(text_of("ci/skep.env"), "SKEP_OUTCOME=nothing to do"));
}

TEST_F(CiOutputsTest, AFolderThatCannotBeMadeStopsBeforeAnythingIsDone) {
  write_spec(0);
  write("ci", "a file");
  EXPECT_EQ(run("apply -auto-approve --gitlab ci"), 1);
  EXPECT_TRUE(servers.objects.empty());
}

TEST_F(CiOutputsTest, AReportThatCannotBeWrittenAfterARunIsAWarning) {
  write_spec(0);
  EXPECT_EQ(run("apply -auto-approve --json-into nowhere/run.json"), 0) << err;
  EXPECT_TRUE(has(err, "warning: the reports are incomplete"));
  EXPECT_EQ(run("plan --json-into nowhere/plan.json"), 1) << "of a plan it is an error";
}

TEST_F(CiOutputsTest, EveryKeyOfTheRecordsIsDocumented) {
  std::ifstream file(SKEP_SOURCE_DIR "/docs/json.md");
  std::stringstream page;
  page << file.rdbuf();
  write_spec(1);
  for (const char* words : {"plan --json-into record.json", "apply -auto-approve --json-into record.json"}) {
    ASSERT_EQ(run(words), 0) << err;
    const auto record = parse_json(text_of("record.json"), "the record");
    ASSERT_TRUE(record.ok());
    const std::string type = record.value()["type"];
    const std::string section = page.str().substr(page.str().find("\n## " + type + "\n"));
    for (const auto& [key, value] : record.value().items()) EXPECT_TRUE(has(section, "| `" + key + "` |"));
  }
}

TEST_F(CiOutputsTest, GitHubsSummaryIsAppendedTo) {
  write_spec(0);
  write("summary.md", "before\n");
  environment["GITHUB_STEP_SUMMARY"] = (folder / "summary.md").string();
  EXPECT_EQ(run("plan"), 0) << err;
  EXPECT_TRUE(text_of("summary.md").starts_with("before\n### skep plan: demo")) << text_of("summary.md");
}

TEST_F(CiOutputsTest, TheFirstNoteIsWritten) {
  write_spec(0);
  enter_merge_request();
  http.then(200, {}, notes(Json::array({{{"id", 1}, {"body", "nice work"}}}))).then(201);
  EXPECT_EQ(run("plan --gitlab-note"), 0) << err;
  ASSERT_EQ(http.seen.size(), 2U);
  EXPECT_EQ(http.seen[1].method, "POST");
  EXPECT_EQ(http.seen[1].url, "https://gitlab.example.com/api/v4/projects/7/merge_requests/12/notes");
  EXPECT_EQ(http.seen[1].headers.at("PRIVATE-TOKEN"), token_canary);
  EXPECT_TRUE(has(http.seen[1].body, "<!-- skep:note:demo -->"));
}

TEST_F(CiOutputsTest, TheNoteThatIsThereIsChangedAlsoOnALaterPage) {
  write_spec(0);
  enter_merge_request();
  http.then(200, {{"x-next-page", "2"}}, notes(Json::array({{{"id", 1}, {"body", "see <!-- skep:note:demo -->"}}})))
      .then(200, {{"x-next-page", ""}},
            notes(Json::array({{{"id", 8}, {"body", "<!-- skep:note:other -->\nx"}},
                               {{"id", 9}, {"body", "<!-- skep:note:demo -->\nold"}}})))
      .then(200);
  EXPECT_EQ(run("plan --gitlab-note"), 0) << err;
  ASSERT_EQ(http.seen.size(), 3U);
  EXPECT_EQ(http.seen[2].method, "PUT");
  EXPECT_TRUE(http.seen[2].url.ends_with("/notes/9"));
  EXPECT_EQ(err.find("warning"), std::string::npos) << err;
}

TEST_F(CiOutputsTest, ANoteOfSomebodyElsesIsPassedOver) {
  write_spec(0);
  enter_merge_request();
  http.then(200, {}, notes(Json::array({{{"id", 3}, {"body", "<!-- skep:note:demo -->\nquoted"}}})))
      .then(403)
      .then(201);
  EXPECT_EQ(run("plan --gitlab-note"), 0) << err;
  ASSERT_EQ(http.seen.size(), 3U);
  EXPECT_EQ(http.seen[2].method, "POST");
}

TEST_F(CiOutputsTest, ANoteThatFailsWarnsAndFailsNothing) {
  write_spec(0);
  EXPECT_EQ(run("plan --gitlab-note"), 0);
  EXPECT_TRUE(has(err, "CI_API_V4_URL is not set"));
  enter_merge_request();
  http.then(401);
  EXPECT_EQ(run("apply -auto-approve --gitlab-note"), 0) << err;
  EXPECT_TRUE(has(err, "GitLab answers 401"));
  EXPECT_TRUE(has(err, "needs the scope api"));
  http.then(ErrorCode::unavailable);
  EXPECT_EQ(run("plan --gitlab-note"), 0) << err;
  EXPECT_TRUE(has(err, "is not up to date"));
}

TEST_F(CiOutputsTest, AGitLabJobsLogIsFolded) {
  write_spec(0);
  environment["GITLAB_CI"] = "true";
  EXPECT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_TRUE(has(out, ":skep_plan\r\033[0Kthe plan\n"));
  EXPECT_TRUE(has(err, ":skep_apply\r\033[0Kapply\n"));
  EXPECT_LT(err.find("section_start"), err.find("section_end"));
  EXPECT_EQ(run("apply -auto-approve -json"), 0) << err;
  EXPECT_EQ((out + err).find("section_start"), std::string::npos) << "programs read this";
}

TEST_F(CiOutputsTest, NoOutputHoldsASecret) {
  write_spec(1);
  enter_merge_request();
  const std::string cloud_canary = "hcloud-canary-0815-never-shown";
  environment["HCLOUD_TOKEN"] = cloud_canary;
  environment["GITHUB_STEP_SUMMARY"] = (folder / "ci-summary.md").string();
  servers.on_create = [&](const Resource&, const Context&) -> Result<Object> {
    return Error{ErrorCode::denied, "the cloud refuses " + cloud_canary + " and " + token_canary, cloud_canary};
  };
  http.then(200, {}, "[]").then(201);
  EXPECT_EQ(run("apply -auto-approve --gitlab ci --gitlab-note --json-into ci-run.json"), 1);
  ASSERT_EQ(http.seen.size(), 2U);
  std::string all = http.seen[1].body;
  for (const char* name : {"ci/tfplan.json", "ci/report.md", "ci/index.html", "ci/junit.xml", "ci/skep.env",
                           "ci-summary.md", "ci-run.json"}) {
    ASSERT_FALSE(text_of(name).empty()) << name;
    all += text_of(name);
  }
  EXPECT_TRUE(has(all, "the cloud refuses *** and ***")) << "the error itself was there";
  EXPECT_EQ(all.find("canary"), std::string::npos);
}

}  // namespace
}  // namespace skep
