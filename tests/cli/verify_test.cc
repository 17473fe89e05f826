// skep verify network: what the matrix shows of a sound network, a wrong MTU and a dead node, and what is left behind.
#include <gtest/gtest.h>

#include "provisioners/network_probe.h"
#include "tests/cli/swarm_fixture.h"

namespace skep {
namespace {

class VerifyTest : public SwarmAppTest {
 protected:
  void make_cluster() {
    write_swarm(1, 2);
    ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  }
  void set_mtu(const std::string& name, int mtu, int carried) {
    world.host(name).mtu = mtu;
    world.host(name).carried = carried;
  }
};

TEST_F(VerifyTest, ASoundNetworkIsGreenAndNothingStays) {
  make_cluster();
  EXPECT_EQ(run("verify network"), 0) << out << err;
  EXPECT_TRUE(has(out, "private addresses: all of 6 ways pass 64 bytes, 1400 bytes in one piece, and 64 KB"));
  EXPECT_TRUE(has(out, "overlay network: all of 6 ways pass"));
  EXPECT_TRUE(has(out, "encrypted overlay network: NOT TESTED: ask for it with --encrypted"));
  EXPECT_TRUE(has(out, "the ingress mesh: NOT TESTED"));
  EXPECT_TRUE(has(out, "worker-1   ok         -         ok"));
  EXPECT_TRUE(world.swarm().networks.empty());
  EXPECT_EQ(world.host("worker-1").probe, "");
}

TEST_F(VerifyTest, AnMtuOf1450IsGreenWhereTheNodesKnowItAndRedWhereOneDoesNot) {
  make_cluster();
  for (const char* name : {"manager-1", "worker-1", "worker-2"}) set_mtu(name, 1450, 1450);
  EXPECT_EQ(run("verify network"), 0) << out;
  set_mtu("worker-2", 1500, 1450);
  EXPECT_EQ(run("verify network"), 1);
  EXPECT_TRUE(has(out, "4 of 6 ways do not pass everything"));
  EXPECT_TRUE(has(out, "not 64 KB"));
  EXPECT_TRUE(
      has(out, "manager-1 → worker-2: small packets pass, 64 KB in full-sized pieces do not (no answer): an MTU"));
  EXPECT_EQ(run("verify network -json"), 1);
  EXPECT_EQ(json_out()["ok"], false);
  EXPECT_EQ(
      json_out()["networks"][0]["paths"][0],
      Json(
          {{"from", "manager-1"}, {"to", "worker-1"}, {"ok", true}, {"small", "ok"}, {"full", "ok"}, {"large", "ok"}}));
}

TEST_F(VerifyTest, ANodeThatIsOffIsNamed) {
  make_cluster();
  world.power_off("worker-1");
  EXPECT_EQ(run("verify network --overlay=false"), 1);
  EXPECT_TRUE(has(out, "manager-1 → worker-1: nothing passes (no answer)"));
  EXPECT_TRUE(has(out, "worker-1 → manager-1: nothing passes (10.0.0.101: no answer)"));
  EXPECT_TRUE(has(out, "overlay network: NOT TESTED: left out by --overlay=false"));
  EXPECT_EQ(out.find("manager-1 → worker-2"), std::string::npos) << out;
}

TEST_F(VerifyTest, WhatCannotBeTestedIsSaidAndIsNoGreen) {
  make_cluster();
  world.host("worker-2").has_perl = false;
  EXPECT_EQ(run("verify network"), 1);
  EXPECT_TRUE(has(out, "private addresses: all of 6 ways pass"));
  EXPECT_TRUE(has(out, "overlay network: NOT TESTED: no container on worker-2: the host has no perl"));
  EXPECT_TRUE(world.swarm().networks.empty()) << "it is destroyed all the same";
  EXPECT_EQ(run("verify network --overlay=false --encrypted"), 1);
  EXPECT_TRUE(has(out, "encrypted overlay network: NOT TESTED: no container on worker-2"));
}

TEST_F(VerifyTest, WhatACutOffProbeLeftIsTakenAway) {
  make_cluster();
  world.swarm().networks.insert("skep-verify");
  world.host("worker-1").probe = "172.30.0.9";
  EXPECT_EQ(run("verify network"), 0) << out;
  EXPECT_TRUE(world.swarm().networks.empty());
}

TEST(NetworkProbe, TheAnswerIsReadByAddress) {
  const std::vector<std::pair<std::string, std::string>> targets = {{"a", "10.0.0.1"}, {"b", "10.0.0.11"}};
  const auto probes =
      probes_of("m", targets, std::string("10.0.0.11 ok Message_too_long ok\n10.0.0.1 ok ok ok\nend .\n"));
  ASSERT_EQ(probes.size(), 2U);
  EXPECT_TRUE(probes[0].is_good());
  EXPECT_EQ(probes[1].full, "Message too long");
  EXPECT_FALSE(probes[1].is_good());
  EXPECT_EQ(probes_of("m", targets, std::string("10.0.0.1 ok ok ok\n"))[1].small, "not probed") << "it was cut off";
}

}  // namespace
}  // namespace skep
