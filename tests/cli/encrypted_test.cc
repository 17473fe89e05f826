// Encrypted overlay networks where a provider's firewall lets no ESP through: told before more machines come there.
#include <gtest/gtest.h>

#include "tests/cli/swarm_fixture.h"

namespace skep {
namespace {

class EncryptedTest : public SwarmAppTest {
 protected:
  void SetUp() override {
    SwarmAppTest::SetUp();
    write_swarm(1, 1);
    ASSERT_EQ(run("apply -auto-approve"), 0) << err;
    write_swarm(1, 2);
  }
};

TEST_F(EncryptedTest, ThePlanNamesTheNetworkAndTheReason) {
  world.swarm().encrypted = {"shop_backend"};
  why_no_esp = "its firewalls let no ESP through";
  ASSERT_EQ(run("plan"), 0) << err;
  EXPECT_TRUE(has(out + err, "the network shop_backend is encrypted, and its firewalls let no ESP through"))
      << out << err;
}

TEST_F(EncryptedTest, WhereEspPassesOrNothingIsEncryptedNothingIsSaid) {
  world.swarm().encrypted = {"shop_backend"};
  ASSERT_EQ(run("plan"), 0) << err;
  EXPECT_FALSE(has(out + err, "encrypted")) << out << err;
  world.swarm().encrypted = {};
  why_no_esp = "its firewalls let no ESP through";
  ASSERT_EQ(run("plan"), 0) << err;
  EXPECT_FALSE(has(out + err, "encrypted")) << out << err;
}

TEST_F(EncryptedTest, ASwarmThatCannotBeAskedEndsNoPlan) {
  why_no_esp = "its firewalls let no ESP through";
  world.host("manager-1").engine->runs = false;
  EXPECT_EQ(run("plan"), 0) << err;
}

}  // namespace
}  // namespace skep
