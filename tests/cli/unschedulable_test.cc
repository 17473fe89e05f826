// A service that would find no other node: refused, unless it is allowed; then the node is emptied all the same.
#include <gtest/gtest.h>

#include "tests/cli/swarm_fixture.h"

namespace skep {
namespace {

class UnschedulableTest : public SwarmAppTest {
 protected:
  /// "shop" may run on worker-2 alone, and the spec has no worker-2 any more.
  void SetUp() override {
    SwarmAppTest::SetUp();
    write_swarm(1, 2);
    ASSERT_EQ(run("apply -auto-approve"), 0) << err;
    world.add_service("shop", "worker-2", {"worker-2"});
    world.add_service("web", "worker-2");
    write_swarm(1, 1);
  }
  bool is_in_the_swarm(const std::string& name) { return world.swarm().nodes.contains(world.host(name).node_id); }
};

TEST_F(UnschedulableTest, ThePlanIsRefusedAndNothingIsTouched) {
  world.forget_calls();
  EXPECT_EQ(run("plan"), 4) << out;
  EXPECT_TRUE(has(err, "shop")) << err;
  EXPECT_FALSE(has(err, "web")) << err;
  EXPECT_TRUE(has(err, "--allow-unschedulable means all of them")) << err;
  EXPECT_EQ(run("apply -auto-approve"), 4) << out;
  EXPECT_EQ(world.count_of_calls("node_update"), 0U);
  EXPECT_TRUE(is_in_the_swarm("worker-2"));
}

TEST_F(UnschedulableTest, TheFlagHoldsToTheEndOfTheDrain) {
  ASSERT_EQ(run("apply -auto-approve -allow-unschedulable"), 0) << err << out;
  EXPECT_FALSE(is_in_the_swarm("worker-2"));
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << out;
}

TEST_F(UnschedulableTest, ASavedPlanKeepsTheFlag) {
  ASSERT_EQ(run("plan -allow-unschedulable -out one.plan"), 0) << err;
  ASSERT_EQ(run("apply one.plan"), 0) << err << out;
  EXPECT_FALSE(is_in_the_swarm("worker-2"));
}

TEST_F(UnschedulableTest, TheSpecAllowsByName) {
  write("allowed.yaml", "rollout: {allow_unschedulable: [sh*]}\n");
  ASSERT_EQ(run("apply -auto-approve -f cluster.yaml -f allowed.yaml"), 0) << err << out;
  EXPECT_FALSE(is_in_the_swarm("worker-2"));
}

}  // namespace
}  // namespace skep
