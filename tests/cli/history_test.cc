// skep state history: the list, one apply step by step, and where a run came from.
#include <gtest/gtest.h>

#include "cli/commands/origin.h"
#include "tests/cli/app_fixture.h"

namespace skep {
namespace {

class HistoryTest : public AppTest {
 protected:
  void fail_worker_1() {
    servers.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
      if (resource.id.name == "worker-1") return Error{ErrorCode::exhausted, "no room for it", "ask for less"};
      return servers.keep(resource);
    };
  }
};

TEST_F(HistoryTest, OneApplyIsShownStepByStep) {
  write_spec(1);
  fail_worker_1();
  environment["SKEP_CHANGE"] = "CHG-4711";
  EXPECT_EQ(run("apply -auto-approve"), 1);
  EXPECT_EQ(run("state history"), 0) << err;
  EXPECT_TRUE(has(out, "anna@build-7"));
  EXPECT_TRUE(has(out, "CHG-4711"));
  EXPECT_TRUE(has(out, "failed: server/worker-1: no room for it"));
  EXPECT_EQ(run("state history 1"), 0) << err;
  EXPECT_TRUE(has(out, "apply    1\n"));
  EXPECT_TRUE(has(out, "change   CHG-4711\n"));
  EXPECT_TRUE(has(out, "create  server/manager-1"));
  EXPECT_TRUE(has(out, "failed: no room for it\n"));
  EXPECT_EQ(run("state history 1 -json"), 0) << err;
  const Json record = json_out();
  EXPECT_EQ(record["type"], "history_entry");
  EXPECT_EQ(record["plan_digest"].get<std::string>().size(), 64U);
  ASSERT_EQ(record["steps"].size(), 2U);
  EXPECT_EQ(record["steps"][0]["outcome"], "done");
  EXPECT_EQ(record["steps"][1], (Json{{"action", "create"},
                                      {"id", "server/worker-1"},
                                      {"outcome", "failed: no room for it"},
                                      {"elapsed_ms", record["steps"][1]["elapsed_ms"]}}));
}

TEST_F(HistoryTest, WhatWasNotTriedIsOnRecord) {
  write_spec(2);
  servers.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    stop.request_stop();
    return servers.keep(resource);
  };
  EXPECT_EQ(run("apply -auto-approve -parallelism=1"), 5) << err;
  stop = std::stop_source();
  EXPECT_EQ(run("state history 1 -json"), 0) << err;
  std::map<std::string, int> outcomes;
  const Json record = json_out();
  for (const auto& step : record["steps"]) ++outcomes[step["outcome"].get<std::string>()];
  EXPECT_EQ(outcomes, (std::map<std::string, int>{{"done", 1}, {"not tried", 2}}));
}

TEST_F(HistoryTest, ALongErrorIsCutBetweenLetters) {
  write_spec(0);
  servers.on_create = [&](const Resource&, const Context&) -> Result<Object> {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "é";
    return Error{ErrorCode::exhausted, "x" + text};
  };
  EXPECT_EQ(run("apply -auto-approve"), 1);
  EXPECT_EQ(run("state history 1 -json"), 0) << err;
  const std::string outcome = json_out()["steps"][0]["outcome"];
  EXPECT_LT(outcome.size(), 1100U);
  EXPECT_TRUE(outcome.ends_with("é…")) << outcome.substr(outcome.size() - 10);
}

TEST_F(HistoryTest, WhatIsNoApplyIsSaid) {
  write_spec(0);
  EXPECT_EQ(run("state history"), 0);
  EXPECT_TRUE(has(err, "nothing was applied yet"));
  EXPECT_EQ(run("state history 1"), 1);
  EXPECT_TRUE(has(err, "nothing was applied yet"));
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(run("state history 7"), 1);
  EXPECT_TRUE(has(err, "the history has no entry 7"));
  EXPECT_EQ(run("state history last"), 1);
  EXPECT_TRUE(has(err, "'last' is no number of an apply"));
}

TEST_F(HistoryTest, StepsGoWithAStateThatMoves) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write_spec(1, "state: {backend: postgres, address: 'host=db.example'}\n");
  ASSERT_EQ(run("state migrate -from local"), 0) << err;
  EXPECT_EQ(run("state history 1 -json"), 0) << err;
  EXPECT_EQ(json_out()["steps"].size(), 2U);
  EXPECT_EQ(run("state history 2"), 0) << err;
  EXPECT_TRUE(has(out, "state migrate"));
}

TEST_F(HistoryTest, EveryKeyIsDocumented) {
  std::ifstream file(SKEP_SOURCE_DIR "/docs/json.md");
  std::stringstream page;
  page << file.rdbuf();
  write_spec(0);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(run("state history 1 -json"), 0) << err;
  const std::string section = page.str().substr(page.str().find("\n## history_entry\n"));
  const Json entry = json_out();
  EXPECT_FALSE(entry.empty());
  for (const auto& [key, value] : entry.items()) EXPECT_TRUE(has(section, "| `" + key + "` |"));
}

TEST(Origin, TheChangeIsReadFromTheCommitsMessage) {
  EXPECT_EQ(change_in_message("Merge branch 'x' into 'main'\n\nMore nodes\n\nSee merge request team/swarm!12\n"),
            "!12");
  EXPECT_EQ(change_in_message("Merge pull request #7 from team/x\n\nMore nodes\n"), "#7");
  EXPECT_EQ(change_in_message("More nodes (#31)\n"), "#31");
  EXPECT_EQ(change_in_message("More nodes\n\nChange-Id: I8f2a\n"), "I8f2a");
  EXPECT_EQ(change_in_message("More nodes (for the shop)\n"), "");
  EXPECT_EQ(change_in_message("See merge request !\n"), "");
  EXPECT_EQ(change_in_message(""), "");
}

}  // namespace
}  // namespace skep
