// skep recover: who may go on alone, what keeps the others from acting, and what apply makes of it afterwards.
#include <gtest/gtest.h>

#include "provisioners/recover.h"
#include "tests/cli/swarm_fixture.h"

namespace skep {
namespace {

class RecoverTest : public SwarmAppTest {
 protected:
  void make_cluster(int managers) {
    write_swarm(managers, 1);
    ASSERT_EQ(run("apply -auto-approve"), 0) << err;
    world.add_service("web", "worker-1");
    servers.on_update = [this](const Resource& resource, const Object&, const Context&) -> Result<Object> {
      const bool is_on = json_string_or(resource.inputs, "power") == "on";
      if (is_on && !dead_.contains(resource.node)) world.power_on(resource.node);
      if (!is_on) world.power_off(resource.node);
      return servers.keep(resource);
    };
  }
  /// Its power is cut, and its provider knows.
  void cut_power(const std::string& name) {
    world.power_off(name);
    servers.objects[{"server", name}].attributes["power"] = "off";
  }
  void never_again(const std::string& name) { dead_.insert(name); }
  std::size_t voters() {
    std::size_t count = 0;
    for (const auto& [id, node] : world.swarm().nodes) count += node.voter ? 1 : 0;
    return count;
  }

 private:
  std::set<std::string> dead_;
};

TEST_F(RecoverTest, OneGoesOnAloneAndApplyBringsTheOthersBack) {
  make_cluster(3);
  cut_power("manager-1");
  cut_power("manager-3");
  EXPECT_EQ(run("recover --manager manager-2 --confirm demo"), 0) << out << err;
  EXPECT_TRUE(has(out, "manager-2 is the only manager now"));
  EXPECT_TRUE(has(out, "manager-3 is in no swarm"));
  EXPECT_EQ(voters(), 1U);
  EXPECT_EQ(run("state history -json"), 0);
  EXPECT_EQ(json_out()["entries"][0]["summary"], "manager-2 goes on alone");
  EXPECT_EQ(run("apply -auto-approve"), 0) << out << err;
  EXPECT_EQ(voters(), 3U);
  EXPECT_EQ(world.swarm().nodes.size(), 4U) << world.text();
  EXPECT_EQ(world.swarm().services.front().runs_on, world.host("worker-1").node_id);
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << out;
}

// What is left of the others on the list is down by then, and still called managers.
TEST_F(RecoverTest, TheOthersComeBackAlsoLater) {
  make_cluster(3);
  cut_power("manager-1");
  cut_power("manager-3");
  ASSERT_EQ(run("recover --manager manager-2 --confirm demo"), 0) << out << err;
  ASSERT_TRUE(clock().sleep(std::chrono::minutes(10), {.deadline = Instant::max()}).ok());
  EXPECT_EQ(run("apply -auto-approve"), 0) << out << err;
  EXPECT_EQ(voters(), 3U);
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << out;
}

TEST_F(RecoverTest, ASwarmWithALeaderIsNotRecovered) {
  make_cluster(3);
  cut_power("manager-1");
  world.forget_calls();
  EXPECT_EQ(run("recover --manager manager-2 --confirm demo"), 4);
  EXPECT_TRUE(has(err, "has not lost its quorum"));
  EXPECT_EQ(world.count_of_calls("swarm_recover"), 0U);
}

TEST_F(RecoverTest, TheLastLeaderIsGivenTimeToNotice) {
  make_cluster(3);
  // Two that do not answer us, and are there for the third: it goes on saying that it has a leader.
  for (const char* name : {"manager-1", "manager-2"}) world.host(name).reachable = false;
  EXPECT_EQ(run("recover --manager manager-3 --confirm demo"), 4);
  EXPECT_TRUE(has(err, "has not lost its quorum"));
  EXPECT_GT(world.count_of_calls("manager-3 raft_look"), 3U);
}

TEST_F(RecoverTest, ItTakesTheNameOfTheCluster) {
  make_cluster(3);
  cut_power("manager-1");
  cut_power("manager-2");
  EXPECT_EQ(run("recover"), 1);
  EXPECT_TRUE(has(err, "there is nobody to ask"));
  EXPECT_TRUE(has(err, "--manager manager-3 --confirm NAME"));
  EXPECT_EQ(run("recover --manager manager-3 --confirm demon"), 1);
  EXPECT_TRUE(has(err, "\"demon\" is not the name of the cluster"));
  EXPECT_EQ(run("recover --manager manager-2 --confirm demo"), 4);
  EXPECT_TRUE(has(err, "manager-2 cannot go on: it cannot be reached"));
  EXPECT_EQ(run("recover --manager manager-4 --confirm demo"), 1);
  terminal.is_there = true;
  terminal.answers = {"", "yes"};
  EXPECT_EQ(run("recover"), 1) << "yes is not its name";
  EXPECT_EQ(world.count_of_calls("swarm_recover"), 0U);
  terminal.answers = {"", "demo"};
  EXPECT_EQ(run("recover"), 0) << err;
  EXPECT_TRUE(has(out, "manager-3 is the only manager now"));
}

TEST_F(RecoverTest, OneThatAnswersIsStoppedAndOneThatHangsIsTurnedOff) {
  make_cluster(5);
  cut_power("manager-1");
  cut_power("manager-2");
  world.host("manager-3").reachable = false;
  world.swarm().nodes.at(world.host("manager-3").node_id).seen = jumping_.now();
  never_again("manager-3");
  world.forget_calls();
  EXPECT_EQ(run("recover --manager manager-4 --confirm demo"), 1) << out << err;
  EXPECT_TRUE(has(err, "manager-3 stays fenced"));
  EXPECT_TRUE(has(err, "skep apply -replace=manager-3"));
  EXPECT_FALSE(world.host("manager-3").power);
  EXPECT_EQ(world.count_of_calls("manager-5 swarm_fence"), 1U);
  EXPECT_EQ(voters(), 1U);
}

TEST_F(RecoverTest, WhereOneMayStillActNothingIsDone) {
  make_cluster(3);
  servers.edit_schema().inputs.pop_back();  // as machines that exist already: nobody turns them off
  world.power_off("manager-1");
  world.power_off("manager-2");
  world.forget_calls();
  EXPECT_EQ(run("recover --manager manager-3 --confirm demo"), 4);
  EXPECT_TRUE(has(err, "manager-1 cannot be reached"));
  EXPECT_TRUE(has(err, "--off manager-1"));
  EXPECT_EQ(run("recover --manager manager-3 --confirm demo --off manager-1"), 4) << "the other one as well";
  EXPECT_EQ(world.count_of_calls("swarm_recover"), 0U);
  EXPECT_EQ(run("recover --manager manager-3 --confirm demo --off manager-1 --off manager-2"), 0) << err;
  EXPECT_EQ(voters(), 1U);
}

TEST_F(RecoverTest, LockedManagersAreUnlockedInstead) {
  write_swarm(3, 1, "swarm: {autolock: true}\n");
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  for (const char* name : {"manager-1", "manager-2"}) {
    world.power_off(name);
    world.power_on(name);
  }
  EXPECT_EQ(run("recover --manager manager-3 --confirm demo"), 4);
  EXPECT_TRUE(has(err, "skep swarm unlock"));
}

TEST(Recovery, TheMostAdvancedHasTheNewestSnapshotThenTheNewestLog) {
  Facts facts;
  facts.engine_answers = true;
  facts.swarm = {.state = "active", .node_id = "n"};
  const auto look = [&](const std::string& node, std::int64_t written, std::uint64_t term, std::uint64_t index) {
    return RaftLook{.host = {.member = {.node = node}, .facts = std::make_shared<const Facts>(facts)},
                    .written = written,
                    .snapshot_term = term,
                    .snapshot_index = index};
  };
  const std::vector<RaftLook> looks = {look("a", 900, 2, 100), look("b", 100, 3, 50), look("c", 50, 3, 60),
                                       look("d", 70, 3, 60)};
  EXPECT_EQ(most_advanced(looks)->host.member.node, "d");
  EXPECT_EQ(most_advanced(std::span(looks).first(1))->host.member.node, "a");
  EXPECT_EQ(most_advanced({}), nullptr);
  const std::vector<RaftLook> worker = {look("w", 0, 0, 0)};
  EXPECT_EQ(most_advanced(worker), nullptr) << "without a raft log it is no manager";
}

}  // namespace
}  // namespace skep
