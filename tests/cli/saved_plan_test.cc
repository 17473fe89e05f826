// Saved plans: applied exactly, or refused with each thing that has moved; --replan-if-equal.
#include <gtest/gtest.h>

#include "tests/cli/app_fixture.h"

namespace skep {
namespace {

class SavedPlanTest : public AppTest {
 protected:
  /// A cluster of `workers`, and a saved plan for one more.
  void plan_one_more(int workers) {
    write_spec(workers);
    ASSERT_EQ(run("apply -auto-approve"), 0) << err;
    write_spec(workers + 1);
    ASSERT_EQ(run("plan -out saved.plan"), 0) << err;
  }
  Object& worker(const std::string& name) { return servers.objects[{"server", name}]; }
  bool git(const std::string& words) {
    return std::system(("git -c user.name=a -c user.email=a@b " + words + " >/dev/null 2>&1").c_str()) == 0;
  }
};

TEST_F(SavedPlanTest, TheSpecAndItsDigestsAreNamed) {
  plan_one_more(1);
  write_spec(3);
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "error: the saved plan saved.plan is stale: the spec has changed since (digest "));
  EXPECT_TRUE(has(err, "hint: make it again: skep plan -out saved.plan"));
  EXPECT_EQ(servers.objects.size(), 2U);
}

TEST_F(SavedPlanTest, TheSerialIsNamed) {
  plan_one_more(1);
  write_spec(0);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write_spec(2);
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "the state has moved on from serial 2 to 3")) << err;
}

TEST_F(SavedPlanTest, AnotherStateIsNamed) {
  plan_one_more(1);
  for (const char* file : {"demo.db", "demo.db-wal", "demo.db-shm"}) std::filesystem::remove(folder / ".skep" / file);
  ASSERT_EQ(run("state rebuild"), 0) << err;
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "it was made from another state (lineage "));
}

TEST_F(SavedPlanTest, AnotherClusterIsRefusedEvenWithReplanIfEqual) {
  plan_one_more(1);
  write("other.yaml", "skep: 1\nname: other\nprovider: local\npools: {m: {role: manager, count: 1}}\n");
  EXPECT_EQ(run("apply -f other.yaml -replan-if-equal saved.plan"), 1);
  EXPECT_TRUE(has(err, "it is for the cluster demo, not other"));
}

TEST_F(SavedPlanTest, WhatAnotherApplyBeganIsNamed) {
  plan_one_more(1);
  {
    const auto store = open_state();
    const auto lock = store->lock({.user = "b", .host = "h", .pid = getpid(), .operation = "apply", .since = now()});
    const Entry begun = Begin{StepAction::update, {.id = {"server", "manager-1"}, .driver = "local.server"}};
    ASSERT_TRUE(store->record({&begun, 1}).ok());
  }
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "another apply began with server/manager-1 and broke off"));
}

TEST_F(SavedPlanTest, TheCommitIsNamed) {
  write_spec(0);
  ASSERT_TRUE(git("init -q .") && git("add cluster.yaml") && git("commit -qm one"));
  ASSERT_EQ(run("plan -out saved.plan"), 0) << err;
  write("README", "unrelated\n");
  ASSERT_TRUE(git("add README") && git("commit -qm two"));
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "is stale: the commit was "));
  EXPECT_TRUE(servers.objects.empty());
  ASSERT_EQ(run("plan -out saved.plan"), 0) << err;
  write("README", "changed\n");
  EXPECT_EQ(run("apply saved.plan"), 1) << "what is not committed is no commit";
  EXPECT_TRUE(has(err, "+dirty"));
  EXPECT_EQ(run("apply -replan-if-equal saved.plan"), 0) << err;
  EXPECT_TRUE(has(err, "is stale: the commit was "));
  EXPECT_TRUE(has(err, "; making a new one"));
  EXPECT_EQ(servers.objects.size(), 1U);
}

TEST_F(SavedPlanTest, EachTouchedObjectIsNamed) {
  write_spec(2);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  worker("worker-1").attributes["power"] = "off";
  write_spec(1);
  ASSERT_EQ(run("plan -out saved.plan"), 0) << err;
  worker("worker-1").attributes["power"] = "paused";
  worker("worker-2").attributes["image"] = "debian-13";
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, R"(server/worker-1: power was "off" and is "paused")"));
  EXPECT_TRUE(has(err, R"(server/worker-2: image was "" and is "debian-13")"));
  EXPECT_EQ(servers.objects.size(), 3U) << "nothing was done";
  servers.objects.erase({"server", "worker-2"});
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "server/worker-2 is no longer there"));
}

TEST_F(SavedPlanTest, WhatIsToBeMadeMustNotBeThere) {
  plan_one_more(1);
  servers.keep(
      {.id = {"server", "worker-2"}, .driver = "local.server", .inputs = {{"image", "x"}}, .node = "worker-2"});
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "server/worker-2 exists now"));
}

TEST_F(SavedPlanTest, WhatThePlanDoesNotTouchMayMove) {
  plan_one_more(1);
  worker("worker-1").attributes["power"] = "off";
  EXPECT_EQ(run("apply saved.plan"), 0) << err;
  EXPECT_EQ(servers.objects.size(), 3U);
  EXPECT_EQ(worker("worker-1").attributes["power"], "off") << "exactly the plan, and no more";
}

TEST_F(SavedPlanTest, APlanOfTheStateAloneIsAppliedWithoutALook) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write_spec(0);
  worker("worker-1").attributes["power"] = "off";
  ASSERT_EQ(run("plan -refresh=false -out saved.plan"), 0) << err;
  EXPECT_EQ(run("apply saved.plan"), 0) << err;
  EXPECT_EQ(servers.objects.size(), 1U);
}

TEST_F(SavedPlanTest, ANewPlanThatSaysTheSameIsGoneOnWith) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write_spec(2);
  worker("worker-1").attributes["power"] = "off";
  ASSERT_EQ(run("plan -only worker-2 -out saved.plan"), 0) << err;
  ASSERT_EQ(run("apply -only manager-1 -replace=manager-1 -auto-approve"), 0) << err;  // the serial moves
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "the state has moved on from serial"));
  EXPECT_EQ(run("apply -replan-if-equal saved.plan"), 0) << err;
  EXPECT_TRUE(servers.objects.contains({"server", "worker-2"}));
  EXPECT_EQ(worker("worker-1").attributes["power"], "off") << "the new plan has the --only of the saved one";
}

TEST_F(SavedPlanTest, ANewPlanThatSaysSomethingElseIsRefusedWithTheDifference) {
  plan_one_more(2);
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write_spec(3);
  EXPECT_EQ(run("apply -replan-if-equal saved.plan"), 1);
  EXPECT_TRUE(has(err,
                  "error: a new plan says something else than saved.plan:\n"
                  "  server/worker-2: a new plan would create"));
  EXPECT_TRUE(has(err, "  the step create server/worker-2 is new\n"));
  EXPECT_TRUE(has(err, "hint: make it again: skep plan -out saved.plan"));
  EXPECT_EQ(servers.objects.size(), 2U) << "nothing was done";
}

TEST_F(SavedPlanTest, OptionsThatMakeAPlanDoNotGoWithASavedOne) {
  plan_one_more(1);
  for (const char* option : {"-destroy", "-only=worker-1", "-except=worker-1", "-replace=worker-1", "-refresh=false",
                             "-allow-protected", "-allow-unschedulable"}) {
    EXPECT_EQ(run(std::string("apply saved.plan ") + option), 1) << option;
    EXPECT_TRUE(has(err, "and a saved plan contradict one another")) << option;
  }
  EXPECT_EQ(run("apply -replan-if-equal -auto-approve"), 1);
  EXPECT_TRUE(has(err, "--replan-if-equal needs a saved plan"));
  EXPECT_EQ(servers.objects.size(), 2U);
}

TEST_F(SavedPlanTest, TheHistoryKnowsThePlanByTheDigestThatWasShown) {
  plan_one_more(1);
  const auto begin = err.find("saved (") + 7;
  const std::string shown = err.substr(begin, 12);
  ASSERT_EQ(run("apply saved.plan"), 0) << err;
  EXPECT_EQ(run("state history 2 -json"), 0) << err;
  EXPECT_EQ(json_out()["plan_digest"].get<std::string>().substr(0, 12), shown);
}

}  // namespace
}  // namespace skep
