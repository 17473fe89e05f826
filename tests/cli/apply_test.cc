// plan, apply and destroy from the first word to the exit code, over machines that exist in a map.
#include <gtest/gtest.h>

#include "tests/cli/app_fixture.h"

namespace skep {
namespace {

class ApplyTest : public AppTest {};

std::size_t count_in(const std::vector<std::string>& calls, const std::string& verb) {
  std::size_t count = 0;
  for (const auto& call : calls) count += call.starts_with(verb) ? 1 : 0;
  return count;
}

TEST_F(ApplyTest, FromNothingToACluster) {
  write_spec(2);
  EXPECT_EQ(run("plan -detailed-exitcode"), 2) << err;
  EXPECT_TRUE(has(out, "demo · local · no state yet"));
  EXPECT_TRUE(has(out, "3 nodes to add"));
  EXPECT_TRUE(has(out, "Plan: 3 to add, 0 to change, 0 to destroy."));
  EXPECT_FALSE(is_there(".skep")) << "a plan writes nothing";

  EXPECT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_TRUE(has(out, "Apply complete! Resources: 3 added, 0 changed, 0 destroyed."));
  EXPECT_TRUE(has(out, "manager-1  done=1"));
  EXPECT_TRUE(has(out, "slowest path"));
  EXPECT_TRUE(has(err, "server/worker-2: created after"));
  EXPECT_EQ(servers.objects.size(), 3U);

  EXPECT_EQ(run("plan -detailed-exitcode"), 0);
  EXPECT_TRUE(has(out, "No changes."));
  EXPECT_EQ(run("apply -auto-approve"), 0);
  EXPECT_TRUE(has(out, "Apply complete! Resources: 0 added, 0 changed, 0 destroyed."));
  EXPECT_EQ(count_in(servers.calls(), "create"), 3U);
}

TEST_F(ApplyTest, TheStateIsOursAloneAndNotForRepositories) {
  write_spec(0);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(mode_of(".skep/demo.db"), 0600U);
  EXPECT_EQ(mode_of(".skep/demo.key"), 0600U);
  EXPECT_EQ(text_of(".skep/.gitignore"), "*\n");
  EXPECT_TRUE(has(err, "made an SSH key for this cluster's machines: .skep/demo.key"));
  const std::string key = text_of(".skep/demo.key");
  EXPECT_EQ(run("apply -auto-approve"), 0);
  EXPECT_EQ(text_of(".skep/demo.key"), key) << "made once";
  EXPECT_EQ(err.find("made an SSH key"), std::string::npos);
}

TEST_F(ApplyTest, OnlyYesIsAYes) {
  write_spec(0);
  terminal.is_there = true;
  for (const auto* answer : {"no", "y", "YES", ""}) {
    terminal.answers = {answer};
    EXPECT_EQ(run("apply"), 1) << answer;
    EXPECT_TRUE(has(err, "Only 'yes' will be accepted."));
    EXPECT_TRUE(has(err, "apply was not approved; nothing was done"));
  }
  EXPECT_EQ(run("apply"), 1) << "the end of the input is no yes";
  EXPECT_TRUE(servers.objects.empty());
  terminal.answers = {"yes"};
  EXPECT_EQ(run("apply"), 0) << err;
  EXPECT_EQ(servers.objects.size(), 1U);
}

TEST_F(ApplyTest, CtrlCAtTheQuestionStopsWithNothingDone) {
  write_spec(0);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  write_spec(1);
  terminal.is_there = true;
  servers.on_list = [&]() -> Result<std::vector<Owned>> {
    stop.request_stop();
    return Error{ErrorCode::cancelled, "stopped"};
  };
  EXPECT_EQ(run("apply"), 5);
  EXPECT_EQ(servers.objects.size(), 1U);
}

TEST_F(ApplyTest, WithoutATerminalTheFlagIsNamedAndNothingIsTouched) {
  write_spec(1);
  EXPECT_EQ(run("apply"), 64);
  EXPECT_TRUE(has(err, "there is no terminal to ask at"));
  EXPECT_TRUE(has(err, "--auto-approve"));
  EXPECT_EQ(run("destroy"), 64);
  EXPECT_TRUE(has(err, "skep destroy --auto-approve"));
  terminal.is_there = true;
  EXPECT_EQ(run("apply -input=false"), 64);
  EXPECT_EQ(run("apply -json"), 64);
  EXPECT_FALSE(is_there(".skep"));
}

TEST_F(ApplyTest, ANodeLeavesTheSpecAndGoes) {
  write_spec(2);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  write_spec(1);
  EXPECT_EQ(run("plan"), 0);
  EXPECT_TRUE(has(out, "- server  worker-2"));
  EXPECT_TRUE(has(out, "Plan: 0 to add, 0 to change, 1 to destroy."));
  EXPECT_EQ(run("apply -auto-approve"), 0);
  EXPECT_FALSE(servers.objects.contains({"server", "worker-2"}));
}

TEST_F(ApplyTest, DriftIsSeenAndMended) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  servers.objects[{"server", "worker-1"}].attributes["power"] = "off";
  EXPECT_EQ(run("plan -detailed-exitcode"), 2);
  EXPECT_TRUE(has(out, "~ server  worker-1  power off → on"));
  EXPECT_EQ(run("plan -detailed-exitcode -refresh=false"), 0) << "the state alone knows of no drift";
  EXPECT_EQ(run("status -detailed-exitcode"), 2);
  EXPECT_TRUE(has(out, "drift: skep apply would change this"));
  EXPECT_EQ(run("apply -auto-approve"), 0);
  EXPECT_TRUE(has(out, "0 added, 1 changed, 0 destroyed"));
}

TEST_F(ApplyTest, AFailureIsNamedWithItsHintAndTheNextRunGoesOn) {
  write_spec(2);
  servers.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    if (resource.id.name == "worker-1") return Error{ErrorCode::exhausted, "no room for it", "ask for less"};
    return servers.keep(resource);
  };
  EXPECT_EQ(run("apply -auto-approve"), 1);
  EXPECT_TRUE(has(err, "error: creating server/worker-1: no room for it\nhint: ask for less\n"));
  EXPECT_TRUE(has(err, "apply is incomplete: 2 added, 0 changed, 0 destroyed; 1 step failed, 0 not tried"));
  EXPECT_EQ(out.find("Apply complete!"), std::string::npos);
  EXPECT_EQ(run("state history -json"), 0);
  EXPECT_EQ(json_out()["entries"][0]["outcome"], "failed: server/worker-1: no room for it");

  servers.on_create = nullptr;
  EXPECT_EQ(run("apply -auto-approve"), 0);
  EXPECT_TRUE(has(out, "1 added, 0 changed, 0 destroyed"));
}

TEST_F(ApplyTest, StoppedEarlyIsExitFiveAndTheNextRunGoesOn) {
  write_spec(3);
  servers.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    stop.request_stop();
    return servers.keep(resource);
  };
  EXPECT_EQ(run("apply -auto-approve -parallelism=1"), 5) << err;
  EXPECT_TRUE(has(err, "apply was stopped early"));
  EXPECT_EQ(servers.objects.size(), 1U) << "what ran was let to end, nothing more was begun";
  stop = std::stop_source();
  servers.on_create = nullptr;
  EXPECT_EQ(run("state history"), 0);
  EXPECT_TRUE(has(out, "stopped"));
  EXPECT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(servers.objects.size(), 4U);
  EXPECT_EQ(count_in(servers.calls(), "create"), 4U) << "never two machines for one node";
}

/// A machine takes its time to come, unless it is to stop.
void be_slow(test::FakeDriver& servers) {
  servers.on_create = [&](const Resource& resource, const Context& context) -> Result<Object> {
    const SystemClock clock;
    static_cast<void>(clock.sleep(std::chrono::milliseconds(700), {.stop = context.stop}));
    return servers.keep(resource);
  };
}

TEST_F(ApplyTest, ADeadlineStopsEarly) {
  write_spec(3);
  be_slow(servers);
  EXPECT_EQ(run("apply -auto-approve -parallelism=1 -deadline 500ms"), 5) << err;
  EXPECT_LT(servers.objects.size(), 4U);
}

TEST_F(ApplyTest, AGitLabJobThatIsAlmostOverStopsEarly) {
  write_spec(3);
  environment["CI_JOB_STARTED_AT"] = rfc3339(SystemClock().wall() - std::chrono::hours(1));
  environment["CI_JOB_TIMEOUT"] = "3600";
  be_slow(servers);
  EXPECT_EQ(run("apply -auto-approve -parallelism=1"), 5) << err;
  EXPECT_LT(servers.objects.size(), 4U);
  environment["CI_JOB_TIMEOUT"] = "7200";
  servers.on_create = nullptr;
  stop = std::stop_source();
  EXPECT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(servers.objects.size(), 4U);
}

TEST_F(ApplyTest, ALostStateIsRebuiltFromWhatExists) {
  write_spec(2);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  const auto existing = servers.objects;
  for (const char* file : {"demo.db", "demo.db-wal", "demo.db-shm"}) std::filesystem::remove(folder / ".skep" / file);
  write_spec(1);
  EXPECT_EQ(run("state rebuild"), 0) << err;
  EXPECT_TRUE(has(out, "  + server/manager-1\n")) << out;
  EXPECT_TRUE(has(out, "  - server/worker-2  is of this cluster, and the spec does not want it")) << out;
  EXPECT_TRUE(has(out, "2 resources put on record, 0 not found")) << out;
  EXPECT_EQ(servers.objects, existing) << "nothing is changed";
  EXPECT_EQ(run("state list"), 0);
  EXPECT_EQ(out, "server/manager-1\nserver/worker-1\n");
  EXPECT_EQ(err, "");
  write_spec(3);
  EXPECT_EQ(run("state rebuild"), 0) << err;
  EXPECT_TRUE(has(out, "  server/worker-3  is not there")) << out;
  EXPECT_TRUE(has(out, "1 resource put on record, 1 not found")) << out;
  EXPECT_EQ(run("plan -only server/worker-2 -detailed-exitcode"), 0) << out;
}

TEST_F(ApplyTest, WhatCannotBeLookedAtIsSaidAndRebuiltNextTime) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  for (const char* file : {"demo.db", "demo.db-wal", "demo.db-shm"}) std::filesystem::remove(folder / ".skep" / file);
  servers.on_find = [](const Resource& resource, std::string_view) -> Result<std::optional<Object>> {
    return Error{ErrorCode::unavailable, "no answer from " + resource.node, "try again"};
  };
  servers.edit_schema().listed = false;
  EXPECT_EQ(run("state rebuild -json"), 1);
  EXPECT_EQ(json_out().at("failed").size(), 2U) << out;
  servers.on_find = nullptr;
  EXPECT_EQ(run("state rebuild"), 0) << err;
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << out;
}

TEST_F(ApplyTest, ASavedPlanIsAppliedExactly) {
  write_spec(1);
  EXPECT_EQ(run("plan -out saved.plan"), 0) << err;
  EXPECT_EQ(mode_of("saved.plan"), 0600U);
  EXPECT_TRUE(has(err, "skep apply saved.plan"));
  EXPECT_EQ(run("apply saved.plan"), 0) << err << "without a question: it was read before";
  EXPECT_EQ(servers.objects.size(), 2U);
  EXPECT_EQ(run("plan -detailed-exitcode"), 0);
}

TEST_F(ApplyTest, AStalePlanNamesWhatMoved) {
  write_spec(1);
  ASSERT_EQ(run("plan -out saved.plan"), 0);
  ASSERT_EQ(run("apply saved.plan"), 0);
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "error: the saved plan saved.plan is stale: it was made from another state"));
  write_spec(2);
  ASSERT_EQ(run("plan -out saved.plan"), 0);
  write_spec(3);
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "is stale: the spec has changed since"));
  EXPECT_TRUE(has(err, "hint: make it again: skep plan -out saved.plan"));
  ASSERT_EQ(run("apply -auto-approve"), 0);
  write_spec(2);
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "the state has moved on from serial"));
  EXPECT_EQ(servers.objects.size(), 4U);
}

TEST_F(ApplyTest, ASavedPlanIsSealedWhenThereIsAKey) {
  write_spec(1);
  ASSERT_EQ(run("plan -out open.plan"), 0) << err;
  environment["SKEP_STATE_KEY"] = "a passphrase of the team";
  ASSERT_EQ(run("plan -out saved.plan"), 0) << err;
  EXPECT_EQ(mode_of("saved.plan"), 0600U);
  EXPECT_FALSE(has(text_of("saved.plan"), "worker-1"));
  EXPECT_EQ(run("apply open.plan"), 4);
  EXPECT_TRUE(has(err, "the saved plan open.plan is not encrypted, though a key is given")) << err;
  environment.erase("SKEP_STATE_KEY");
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "the saved plan saved.plan is encrypted, and no key is given")) << err;
  write("key", "a newer passphrase of the team\na passphrase of the team\n");
  environment["SKEP_STATE_KEY_FILE"] = "key";
  environment["SKEP_STATE_KEY_COMMAND"] = "cat key";
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "the state's key comes from one place")) << err;
  environment.erase("SKEP_STATE_KEY_FILE");
  EXPECT_EQ(run("apply saved.plan"), 0) << err;
  EXPECT_EQ(servers.objects.size(), 2U);
  environment["SKEP_STATE_KEY_COMMAND"] = "echo a secret word; exit 3";
  EXPECT_EQ(run("apply saved.plan"), 1);
  EXPECT_TRUE(has(err, "SKEP_STATE_KEY_COMMAND: exited with 3")) << err;
  EXPECT_FALSE(has(err, "secret word"));
}

TEST_F(ApplyTest, WhatIsNoPlanIsRefused) {
  write_spec(1);
  write("junk", "hello");
  EXPECT_EQ(run("apply junk"), 1);
  EXPECT_TRUE(has(err, "junk is no saved plan of skep"));
  EXPECT_EQ(run("apply nowhere"), 1);
  EXPECT_TRUE(has(err, "nowhere"));
}

TEST_F(ApplyTest, ALockThatIsHeldIsExitThreeWithItsHolder) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  {
    const auto store = open_state();
    const auto lock =
        store->lock({.user = "bob", .host = "far-away", .pid = getpid(), .operation = "apply", .since = now()});
    ASSERT_TRUE(lock.ok());
    EXPECT_EQ(run("apply -auto-approve"), 3);
    EXPECT_TRUE(has(err, "locked by bob on far-away (pid " + std::to_string(getpid()) + "), apply"));
    EXPECT_TRUE(has(err, "hint: "));
    EXPECT_EQ(run("destroy -auto-approve"), 3);
    EXPECT_EQ(run("apply -auto-approve -lock-timeout=1s"), 3);
    EXPECT_TRUE(has(err, "waiting for at most"));
    EXPECT_EQ(run("plan"), 0) << "a plan needs no lock";
    EXPECT_EQ(run("state unlock"), 1);
    EXPECT_TRUE(has(err, "held by bob on far-away (pid " + std::to_string(getpid()) + ")"));
    EXPECT_EQ(run("state unlock -force"), 0) << err;
  }
  EXPECT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(run("state unlock"), 0);
  EXPECT_TRUE(has(out, "nobody holds the lock"));
}

TEST_F(ApplyTest, DestroyLeavesTheHistoryAlone) {
  write_spec(2);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  terminal.is_there = true;
  terminal.answers = {"yes"};
  EXPECT_EQ(run("destroy"), 0) << err;
  EXPECT_TRUE(has(err, "Do you really want to destroy all of demo?"));
  EXPECT_TRUE(has(out, "Destroy complete! Resources: 3 destroyed."));
  EXPECT_TRUE(servers.objects.empty());
  EXPECT_EQ(run("state list"), 0);
  EXPECT_EQ(out, "");
  EXPECT_EQ(run("state history -json"), 0);
  EXPECT_EQ(json_out()["entries"].size(), 2U);
  EXPECT_EQ(run("destroy -auto-approve"), 0);
  EXPECT_TRUE(has(out, "Destroy complete! Resources: 0 destroyed."));
}

TEST_F(ApplyTest, ProtectedThingsRefuseWithExitFour) {
  const std::string db = "  db: {role: worker, count: 1, protect: true}\n";
  write_spec(0, db);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(run("destroy -auto-approve"), 4);
  EXPECT_TRUE(has(err, "server/db-1"));
  EXPECT_EQ(servers.objects.size(), 2U);
  EXPECT_EQ(run("destroy -auto-approve -allow-protected"), 0) << err;
  EXPECT_TRUE(servers.objects.empty());
}

TEST_F(ApplyTest, TheHistoryKnowsTheCommit) {
  write_spec(0);
  const int made = std::system(
      "git init -q . && git add cluster.yaml && git -c user.name=a -c user.email=a@b commit -qm one >/dev/null 2>&1");
  if (made != 0) GTEST_SKIP() << "git does not work here";
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(run("state history -json"), 0);
  const std::string clean = json_out()["entries"][0]["commit"];
  EXPECT_EQ(clean.size(), 40U);
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  EXPECT_EQ(run("state history -json -limit 1"), 0);
  EXPECT_EQ(json_out()["entries"][0]["commit"], clean + "+dirty");
  EXPECT_EQ(json_out()["entries"].size(), 1U);
  EXPECT_EQ(json_out()["entries"][0]["user"], "anna");
}

TEST_F(ApplyTest, JsonIsOneRecordALine) {
  write_spec(1);
  EXPECT_EQ(run("apply -json -auto-approve"), 0) << err;
  std::vector<std::string> types;
  for (const auto& line : split_lines(out)) {
    const auto json = parse_json(line, "a line");
    ASSERT_TRUE(json.ok()) << line;
    EXPECT_EQ(json.value()["format_version"], "1.0");
    types.push_back(json.value()["type"]);
  }
  EXPECT_EQ(types, (std::vector<std::string>{"plan", "step_started", "step_started", "step_finished", "step_finished",
                                             "summary"}));
  EXPECT_EQ(run("plan -json"), 0);
  EXPECT_EQ(json_out()["applyable"], false);
}

TEST_F(ApplyTest, WarningsOfTheProviderAreShownWhenSomethingIsToBeDone) {
  warnings = {"the kernel has no IPVS"};
  write_spec(0);
  EXPECT_EQ(run("plan"), 0);
  EXPECT_TRUE(has(err, "warning: the kernel has no IPVS"));
  ASSERT_EQ(run("apply -auto-approve"), 0);
  EXPECT_EQ(run("plan"), 0);
  EXPECT_EQ(err, "");
}

TEST_F(ApplyTest, PatternsLimitThePlan) {
  write_spec(3);
  EXPECT_EQ(run("plan --only worker-2"), 0) << err;
  EXPECT_TRUE(has(out, "Plan: 1 to add"));
  EXPECT_EQ(run("plan --except worker"), 0) << err;
  EXPECT_TRUE(has(out, "Plan: 1 to add"));
  EXPECT_EQ(run("plan --only nobody"), 1);
  EXPECT_EQ(run("apply -destroy -replace=worker-1 -auto-approve"), 1);
  EXPECT_TRUE(has(err, "contradict"));
}

}  // namespace
}  // namespace skep
