// Facts: how they are read, remembered, shared and forgotten.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "planner/base/digest.h"
#include "provisioners/host_facts.h"
#include "tests/fakes/fake_host.h"

namespace skep {
namespace {

using std::chrono::seconds;

std::string manager_output() {
  return "os debian|12|bookworm|\narch amd64\nkernel 6.1.0\nhostname m1\nmachine_id 0123\nboot_id 4-5\nclock "
         "1795256034\n"
         "address 10.0.0.1/24\naddress 172.17.0.1/16\n"
         "package docker.io hold installed 20.10.24+dfsg1-1\npackage docker-ce unknown not-installed \n"
         "package containerd install unpacked 1.6\n"
         "daemon_json " +
         base64_encode("{\"debug\": true}\n") + "\nengine_memory " + base64_encode("{\"ours\": {}}") +
         "\nswarm_marker " + base64_encode("{torn") +
         "\nswarm_state stored\nneeds_reboot yes\nmount active ext4 /dev/disk/by-uuid/1 /srv/my data\n"
         R"(info {"ServerVersion":"20.10.24+dfsg1","Labels":["skep.uid=u"],"ContainersRunning":2,"Swarm":{"NodeID":"n1",)"
         R"("NodeAddr":"10.0.0.1","LocalNodeState":"active","ControlAvailable":true,"Error":"","RemoteManagers":)"
         R"([{"NodeID":"n1","Addr":"10.0.0.1:2377"}],"Cluster":{"ID":"c1","DefaultAddrPool":["172.30.0.0/16"],)"
         R"("SubnetSize":24,"DataPathPort":4789}}})"
         "\n"
         R"(nodes [{"ID":"n1","Spec":{"Labels":{"a":"b"},"Role":"manager","Availability":"active"},"Description":)"
         R"({"Hostname":"m1","Engine":{"EngineVersion":"20.10.24","Labels":{"skep.uid":"u"}}},"Status":{"State":)"
         R"("ready","Addr":"10.0.0.1"},"ManagerStatus":{"Leader":true,"Reachability":"reachable"}}])"
         "\nsomething new\nend .\n";
}

TEST(Facts, AManagersFactsAreRead) {
  const auto facts = parse_facts(manager_output()).value();
  EXPECT_EQ(facts.os + " " + facts.os_version + " " + facts.codename, "debian 12 bookworm");
  EXPECT_EQ(facts.clock, 1795256034);
  EXPECT_EQ(facts.addresses, (std::vector<std::string>{"10.0.0.1", "172.17.0.1"}));
  EXPECT_EQ(facts.engine_package(), "docker.io");
  EXPECT_EQ(facts.packages.at("docker.io"), (PackageFact{"20.10.24+dfsg1-1", true}));
  EXPECT_EQ(facts.packages.size(), 1U) << "what is not wholly installed is not installed";
  EXPECT_EQ(facts.daemon_json, "{\"debug\": true}\n");
  EXPECT_EQ(facts.engine_memory, Json({{"ours", Json::object()}}));
  EXPECT_EQ(facts.swarm_marker, Json::object()) << "a torn file says nothing";
  EXPECT_TRUE(facts.has_swarm_state && facts.needs_reboot && facts.engine_answers && facts.can_manage());
  EXPECT_EQ(facts.swarm.cluster_id, "c1");
  EXPECT_EQ(facts.swarm.remote_managers, (std::vector<std::string>{"10.0.0.1:2377"}));
  EXPECT_EQ(facts.swarm.address_pools, (std::vector<std::string>{"172.30.0.0/16"}));
  ASSERT_EQ(facts.mounts.size(), 1U);
  EXPECT_EQ(facts.mounts[0].path, "/srv/my data");
  const SwarmNode expected = {.id = "n1",
                              .hostname = "m1",
                              .role = "manager",
                              .availability = "active",
                              .state = "ready",
                              .address = "10.0.0.1",
                              .reachability = "reachable",
                              .is_leader = true,
                              .engine_version = "20.10.24",
                              .labels = {{"a", "b"}},
                              .uid = "u"};
  ASSERT_NE(facts.node("n1"), nullptr);
  EXPECT_EQ(*facts.node("n1"), expected);
  EXPECT_EQ(facts.node("n2"), nullptr);
}

TEST(Facts, ALockedOrSilentEngineManagesNothing) {
  EXPECT_FALSE(parse_facts("info_error Connection refused\nend .\n").value().engine_answers);
  const auto no_leader = parse_facts(
      "info {\"Swarm\":{\"LocalNodeState\":\"active\",\"ControlAvailable\":true}}\n"
      "nodes_error The swarm does not have a leader.\nend .\n");
  EXPECT_FALSE(no_leader.value().can_manage());
  EXPECT_EQ(no_leader.value().nodes_error, "The swarm does not have a leader.");
}

TEST(Facts, WhatIsCutOffOrGarbledIsAnError) {
  const auto whole = manager_output();
  EXPECT_EQ(parse_facts(whole.substr(0, whole.size() - 6)).error().code, ErrorCode::unavailable);
  EXPECT_EQ(parse_facts("").error().code, ErrorCode::unavailable);
  EXPECT_EQ(parse_facts("info {broken\nend .\n").error().code, ErrorCode::internal);
}

class HostFactsTest : public testing::Test {
 protected:
  HostFactsTest() {
    const auto& host = world.add_host("m1", "10.0.0.1");
    endpoint = {.address = host.address, .host_key = host.host_key};
  }
  test::JumpingClock clock;
  test::FakeWorld world{clock};
  HostFacts facts{world, clock};
  Endpoint endpoint;
};

TEST_F(HostFactsTest, OneLookServesAllWhoAskForAWhile) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(facts.of(endpoint, age_to_read, {}).ok());
  EXPECT_EQ(world.calls().size(), 1U);
  ASSERT_TRUE(clock.sleep(seconds(5), {}).ok());
  ASSERT_TRUE(facts.of(endpoint, age_to_read, {}).ok());
  EXPECT_EQ(world.calls().size(), 1U);
  ASSERT_TRUE(facts.of(endpoint, age_to_act, {}).ok());
  EXPECT_EQ(world.calls().size(), 2U) << "too old to act on";
}

TEST_F(HostFactsTest, WhatChangedIsLookedAtAgain) {
  ASSERT_TRUE(facts.of(endpoint, age_to_read, {}).ok());
  facts.forget(endpoint);
  ASSERT_TRUE(facts.of(endpoint, age_to_read, {}).ok());
  facts.forget_all();
  ASSERT_TRUE(facts.of(endpoint, age_to_read, {}).ok());
  EXPECT_EQ(world.calls().size(), 3U);
}

TEST_F(HostFactsTest, ALookThatBeganBeforeAChangeIsNotRemembered) {
  world.fault = [&](std::size_t number, const std::string&) {
    if (number == 0) facts.forget(endpoint);  // while it is being looked at
    return test::Fault::none;
  };
  ASSERT_TRUE(facts.of(endpoint, age_to_read, {}).ok());
  ASSERT_TRUE(facts.of(endpoint, age_to_read, {}).ok());
  EXPECT_EQ(world.calls().size(), 2U);
}

TEST_F(HostFactsTest, AHostThatDidNotAnswerIsLeftInPeaceForThreeSeconds) {
  world.host("m1").reachable = false;
  EXPECT_FALSE(facts.of(endpoint, age_to_act, {}).ok());
  EXPECT_FALSE(facts.of(endpoint, age_to_act, {}).ok());
  EXPECT_EQ(world.calls().size(), 1U);
  ASSERT_TRUE(clock.sleep(seconds(3), {}).ok());
  world.host("m1").reachable = true;
  EXPECT_TRUE(facts.of(endpoint, age_to_act, {}).ok());
}

TEST_F(HostFactsTest, AWrongHostKeyIsNotRememberedAndNotHidden) {
  auto wrong = endpoint;
  wrong.host_key = "ssh-ed25519 AAAA";
  EXPECT_EQ(facts.of(wrong, age_to_read, {}).error().code, ErrorCode::refused);
  EXPECT_EQ(facts.of(wrong, age_to_read, {}).error().code, ErrorCode::refused);
  EXPECT_EQ(world.calls().size(), 2U);
}

// Real threads and a real clock: those who ask at once wait for one look.
TEST(HostFactsThreads, AskTogetherLookOnce) {
  class SlowSsh final : public Ssh {
   public:
    Result<Exit> run(const Endpoint&, const Script&, const Context&) override {
      calls++;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      return Exit{.code = 0, .out = "hostname h\nend .\n", .err = {}};
    }
    std::atomic<int> calls = 0;
  } ssh;
  const SystemClock clock;
  HostFacts facts(ssh, clock);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] { good += facts.of({.address = "a"}, age_to_read, {}).ok() ? 1 : 0; });
    }
  }
  EXPECT_EQ(good, 16);
  EXPECT_EQ(ssh.calls, 1);
}

TEST(HostFactsThreads, AStopWakesThoseWhoWait) {
  class HangingSsh final : public Ssh {
   public:
    Result<Exit> run(const Endpoint&, const Script&, const Context&) override {
      while (!released) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return Exit{.code = 0, .out = "end .\n", .err = {}};
    }
    std::atomic<bool> released = false;
  } ssh;
  const SystemClock clock;
  HostFacts facts(ssh, clock);
  std::jthread first([&] { EXPECT_TRUE(facts.of({.address = "a"}, age_to_read, {}).ok()); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::stop_source stop;
  std::jthread second([&] {
    EXPECT_EQ(facts.of({.address = "a"}, age_to_read, {.stop = stop.get_token()}).error().code, ErrorCode::cancelled);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  stop.request_stop();
  second.join();
  ssh.released = true;
}

}  // namespace
}  // namespace skep
