// Whole applies over fake hosts: from nothing, again, after every lost answer, and as the spec changes.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "planner/base/text.h"
#include "tests/provisioners/cluster_kit.h"

namespace skep::test {
namespace {

TEST(Apply, FromNothingGivesOneSwarmWithProvedAndLabelledNodes) {
  ClusterKit kit(3, 1);
  kit.spec.pools.at("worker").labels = {{"tier", "web"}};

  EXPECT_EQ(lines(kit.apply()), "");

  EXPECT_EQ(kit.world.text(), R"(manager-1: manager-1 active, docker.io 20.10.24+dfsg1
manager-2: manager-2 active, docker.io 20.10.24+dfsg1
manager-3: manager-3 active, docker.io 20.10.24+dfsg1
worker-1: worker-1 active, docker.io 20.10.24+dfsg1
swarm
  manager-1 manager voter pool=manager provider=local region=here
  manager-2 manager voter pool=manager provider=local region=here
  manager-3 manager voter pool=manager provider=local region=here
  worker-1 worker pool=worker provider=local region=here tier=web
)");
  for (const auto& [id, node] : kit.world.swarm().nodes) {
    EXPECT_EQ(node.uid, fmt::format("demo/{}@1/{}", node.hostname, kit.world.host(node.hostname).machine_id));
  }
}

TEST(Apply, ThenPlanIsEmptyAndCostsOneRoundTripAHost) {
  ClusterKit kit(3, 2);
  ASSERT_EQ(lines(kit.apply()), "");
  kit.restart();
  kit.world.forget_calls();

  EXPECT_EQ(lines(kit.plan()), "");

  EXPECT_EQ(kit.world.calls().size(), 5U) << lines(kit.world.calls());
  EXPECT_EQ(kit.world.count_of_calls("facts"), 5U);
}

TEST(Apply, TheEngineIsConfiguredBeforeItsFirstStart) {
  ClusterKit kit(1, 0);
  kit.spec.engine.daemon = {{"log-opts", {{"max-size", "10m"}}}, {"debug", true}};

  ASSERT_EQ(lines(kit.apply()), "");

  EXPECT_EQ(kit.world.host("manager-1").engine->starts, 1);
  const auto written = Json::parse(*kit.world.host("manager-1").daemon_json);
  EXPECT_EQ(written.at("log-opts"), Json({{"max-size", "10m"}}));
  EXPECT_EQ(written.at("labels").size(), 1U);
  EXPECT_EQ(lines(kit.plan()), "");
}

TEST(Apply, MembersAreProvedBeforeTheFirstIsPromoted) {
  ClusterKit kit(3, 0);
  ASSERT_EQ(lines(kit.apply()), "");
  const auto calls = kit.world.calls();
  const auto first_promotion = std::ranges::find_if(calls, [](auto& call) { return call.ends_with("node_role"); });
  const auto last_join =
      std::find_if(calls.rbegin(), calls.rend(), [](auto& call) { return call.ends_with("swarm_join"); });
  EXPECT_LT(std::distance(last_join, calls.rend()), std::distance(calls.begin(), first_promotion) + 1);
}

// Each call of the whole apply fails once, before it is sent or with its answer lost; the next apply goes on, and the
// world is the same as without the fault.
class ApplyAfterAFault : public testing::TestWithParam<Fault> {};

TEST_P(ApplyAfterAFault, EndsInTheSameWorld) {
  ClusterKit whole(3, 1);
  ASSERT_EQ(lines(whole.apply()), "");
  const auto expected = whole.world.text();
  const auto count = whole.world.calls().size();
  ASSERT_GT(count, 40U);
  std::size_t failed_applies = 0;
  for (std::size_t at = 0; at < count; ++at) {
    ClusterKit kit(3, 1);
    std::string where;
    kit.world.fault = [&](std::size_t number, const std::string& call) {
      if (number == at) where = call;
      return number == at ? GetParam() : Fault::none;
    };
    failed_applies += kit.apply().empty() ? 0 : 1;
    kit.restart();
    SCOPED_TRACE(fmt::format("call {}: {}", at, where));
    EXPECT_EQ(lines(kit.apply()), "");
    EXPECT_EQ(kit.world.text(), expected);
    EXPECT_EQ(kit.world.swarms().size(), 1U);
    EXPECT_EQ(lines(kit.plan()), "");
  }
  EXPECT_GT(failed_applies, 10U) << "the faults did not bite";
}

INSTANTIATE_TEST_SUITE_P(Faults, ApplyAfterAFault, testing::Values(Fault::not_sent, Fault::answer_lost),
                         [](const auto& fault) { return fault.param == Fault::not_sent ? "NotSent" : "AnswerLost"; });

TEST(Apply, LabelsFollowTheSpecAndForeignOnesStay) {
  ClusterKit kit(1, 1);
  kit.spec.pools.at("worker").labels = {{"tier", "web"}, {"old", "1"}};
  ASSERT_EQ(lines(kit.apply()), "");
  auto& worker =
      *std::ranges::find_if(kit.world.swarm().nodes, [](auto& node) { return node.second.hostname == "worker-1"; });
  worker.second.labels["theirs"] = "x";
  // The reader of a state knows the labels that were applied, and only these are ours.
  auto before = kit.resolved("swarm_node/worker-1");
  kit.spec.pools.at("worker").labels = {{"tier", "api"}};

  auto& driver = kit.driver("host.swarm_node");
  const auto object = driver.find(before, worker.first, {}).value().value();
  const auto updated = driver.update(kit.resolved("swarm_node/worker-1"), object, {});

  ASSERT_TRUE(updated.ok()) << updated.error().message;
  EXPECT_EQ(Json(worker.second.labels),
            Json({{"pool", "worker"}, {"provider", "local"}, {"region", "here"}, {"tier", "api"}, {"theirs", "x"}}));
  kit.restart();
  EXPECT_EQ(lines(kit.plan()), "");
}

TEST(Apply, WhatSomebodyChangedOnTheHostShowsInThePlan) {
  ClusterKit kit(1, 1);
  kit.spec.engine.daemon = {{"log-driver", "local"}};
  ASSERT_EQ(lines(kit.apply()), "");
  auto& host = kit.world.host("worker-1");
  auto file = Json::parse(*host.daemon_json);
  file["log-driver"] = "json-file";
  host.daemon_json = file.dump();
  host.engine->labels.clear();
  kit.restart();

  EXPECT_EQ(lines(kit.plan()), R"(~ engine/worker-1: daemon {"log-driver":"json-file"} -> {"log-driver":"local"}
~ engine/worker-1: identity "" -> "demo/worker-1")");
  EXPECT_EQ(lines(kit.apply()), "");
  kit.restart();
  EXPECT_EQ(lines(kit.plan()), "");
}

TEST(Apply, ANodeThatWasDrainedByHandShowsInThePlan) {
  ClusterKit kit(1, 1);
  ASSERT_EQ(lines(kit.apply()), "");
  for (auto& [id, node] : kit.world.swarm().nodes) {
    if (node.hostname == "worker-1") node.availability = "drain";
  }
  kit.restart();
  EXPECT_EQ(lines(kit.plan()), R"(~ swarm_node/worker-1: availability "drain" -> "active")");
}

TEST(Apply, EnginesFromDockersRepositoryAreExactAndHeld) {
  ClusterKit kit(1, 0);
  kit.spec.engine.source = EngineSpec::Source::docker;
  kit.spec.engine.version = "28.5";
  ASSERT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(kit.world.host("manager-1").engine->version, "5:28.5.2-1~debian.12~bookworm");
  EXPECT_TRUE(kit.world.host("manager-1").engine->held);
  EXPECT_EQ(lines(kit.plan()), "");

  kit.spec.engine.version = "28.5.1";
  EXPECT_EQ(lines(kit.apply()),
            "engine/manager-1: the host has engine 28.5.2, and 28.5.1 is older: an engine is not taken back by itself");
  kit.spec.engine.version = "29";
  EXPECT_EQ(lines(kit.apply()), "engine/manager-1: Docker's repository has no engine version \"29\"");
}

TEST(Apply, AVersionChangeUpgradesInPlace) {
  ClusterKit kit(1, 0);
  kit.spec.engine.source = EngineSpec::Source::docker;
  kit.spec.engine.version = "27";
  ASSERT_EQ(lines(kit.apply()), "");
  kit.spec.engine.version = "28.5";
  EXPECT_EQ(lines(kit.plan()), R"(~ engine/manager-1: version "27.5.1" -> "28.5")");
  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(kit.world.host("manager-1").engine->version, "5:28.5.2-1~debian.12~bookworm");
  EXPECT_EQ(lines(kit.plan()), "");
}

TEST(Apply, AHostThatIsInAForeignSwarmIsLeftAlone) {
  ClusterKit kit(1, 1);
  auto& host = kit.world.host("worker-1");
  host.engine = FakeEngine{.package = "docker.io", .version = "20.10.24+dfsg1-1"};
  host.local_state = "active";
  host.node_id = "theirs";
  host.cluster = "foreign";
  kit.world.swarms()["foreign"] = {.id = "foreign", .token = "t", .leader = "theirs"};
  kit.world.swarms()["foreign"].nodes["theirs"] = {.id = "theirs", .hostname = "x", .role = "manager", .voter = true};
  const auto before = host.daemon_json;

  EXPECT_EQ(lines(kit.apply()),
            "host/worker-1: the host is in a swarm already (cluster foreign), and demo did not bring it there");
  EXPECT_EQ(host.daemon_json, before);
  EXPECT_EQ(host.hostname, "localhost");
}

TEST(Apply, AClockThatIsOffIsPutInStepOrRefused) {
  ClusterKit kit(1, 1);
  kit.world.host("manager-1").clock_skew = std::chrono::minutes(5);
  kit.world.host("worker-1").clock_skew = std::chrono::hours(3);
  const auto failures = kit.apply();
  ASSERT_EQ(failures.size(), 1U) << lines(failures);
  EXPECT_TRUE(failures[0].starts_with("host/worker-1: the host's clock is 3 h")) << failures[0];
  EXPECT_TRUE(failures[0].ends_with("off ours, more than 30 s: the host has no time service")) << failures[0];
}

TEST(Apply, ACopyOfAMachineIsNotTakenIn) {
  ClusterKit kit(1, 1);
  kit.world.host("worker-1").machine_id = kit.world.host("manager-1").machine_id;
  const auto failures = kit.apply();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_TRUE(failures[0].starts_with("host/worker-1: the machine id")) << failures[0];
  EXPECT_TRUE(failures[0].find("is also that of manager-1") != std::string::npos) << failures[0];
}

TEST(Apply, AnAddressThatTheEngineDroppedIsNoticedAfterTheJoin) {
  ClusterKit kit(1, 1);
  kit.world.host("worker-1").bad_advertise = true;
  EXPECT_EQ(lines(kit.apply()),
            "swarm_node/worker-1: it is in the swarm with the address 192.0.2.99, not with 10.0.0.101");
}

TEST(Apply, AJoinThatTakesLongerThanTheEngineWaitsIsNotRepeated) {
  ClusterKit kit(1, 1);
  kit.world.host("worker-1").join_takes = std::chrono::seconds(50);
  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(kit.world.count_of_calls("worker-1 swarm_join"), 1U);
  EXPECT_EQ(kit.world.swarm().nodes.size(), 2U);
  kit.restart();
  EXPECT_EQ(lines(kit.plan()), "");
}

// As after a crash of ours, or of the engine, right after the swarm was begun: "pending" says nothing yet.
TEST(Apply, AManagerThatIsStartingIsWaitedFor) {
  ClusterKit kit(1, 0);
  kit.world.host("manager-1").join_takes = std::chrono::seconds(5);
  EXPECT_EQ(lines(kit.apply()), "");
  kit.world.host("manager-1").local_state = "pending";
  kit.world.host("manager-1").joined_at = kit.clock.now() + std::chrono::seconds(5);
  kit.restart();
  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(kit.world.swarms().size(), 1U);
}

TEST(Apply, ANodeThatSomebodyTookOffTheListJoinsAnew) {
  ClusterKit kit(1, 1);
  ASSERT_EQ(lines(kit.apply()), "");
  auto& nodes = kit.world.swarm().nodes;
  const auto old = kit.objects.at({"swarm_node", "worker-1"}).remote_id;
  nodes.erase(old);
  kit.restart();
  EXPECT_EQ(lines(kit.plan()), "gone swarm_node/worker-1");

  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(nodes.size(), 2U);
  EXPECT_FALSE(nodes.contains(old));
  kit.restart();
  EXPECT_EQ(lines(kit.plan()), "");
}

TEST(Apply, AHostThatSomebodyBroughtElsewhereIsNotPulledOut) {
  ClusterKit kit(1, 1);
  ASSERT_EQ(lines(kit.apply()), "");
  auto& worker = kit.world.host("worker-1");
  kit.world.swarm().nodes.erase(worker.node_id);
  worker.swarm_marker.clear();
  kit.restart();
  EXPECT_EQ(lines(kit.apply()), "swarm_node/worker-1: the host is in a swarm that skep did not bring it into");
  EXPECT_EQ(worker.local_state, "active");
}

TEST(Apply, AnotherManagerIsTriedWhenOneCannotBeJoinedThrough) {
  ClusterKit kit(3, 0);
  ASSERT_EQ(lines(kit.apply()), "");
  kit.world.power_off("manager-1");
  kit.resize("worker", 1);
  kit.restart();
  std::vector<std::string> of_the_worker;
  for (const auto& failure : kit.apply()) {
    if (failure.find("/worker-1:") != std::string::npos) of_the_worker.push_back(failure);
  }
  EXPECT_EQ(lines(of_the_worker), "");
  EXPECT_EQ(kit.world.host("worker-1").local_state, "active");
}

TEST(Apply, AMachineThatWasMadeAnewTakesThePlaceOfItsPredecessor) {
  ClusterKit kit(3, 1);
  ASSERT_EQ(lines(kit.apply()), "");
  // The machine vanished, and the provider made another one of the same name.
  kit.world.power_off("manager-3");
  const auto address = kit.world.host("manager-3").address;
  kit.world.host("manager-3") = FakeHost{};
  auto& again = kit.world.add_host("manager-3", address);
  again.machine_id = std::string(32, 'e');
  for (const char* kind : {"host", "engine", "swarm_node", "swarm_manager"}) kit.objects.erase({kind, "manager-3"});
  kit.restart();

  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(kit.world.swarm().nodes.size(), 4U) << kit.world.text();
  kit.restart();
  EXPECT_EQ(lines(kit.plan()), "");
}

TEST(Apply, AnAddressPoolThatAHostHasARouteIntoIsRefusedBeforeTheSwarmBegins) {
  ClusterKit kit(1, 1);
  kit.spec.swarm.address_pools = {"172.30.0.0/15"};
  kit.world.host("worker-1").routes = {{"172.31.7.0/24", "wg0"}, {"10.0.0.0/24", "eth0"}, {"128.0.0.0/1", "wg0"}};
  const auto failures = lines(kit.apply());
  EXPECT_NE(
      failures.find("swarm/main: overlay networks would take addresses in use: 172.31.7.0/24 of worker-1 (over wg0)"),
      std::string::npos)
      << failures;
  EXPECT_TRUE(kit.world.swarms().empty());

  kit.world.host("worker-1").routes.erase("172.31.7.0/24");
  kit.restart();
  EXPECT_EQ(lines(kit.apply()), "");
}

TEST(Apply, AHostThatComesLaterAndHasARouteIntoTheAddressPoolIsRefused) {
  ClusterKit kit(1, 1);
  kit.spec.swarm.address_pools = {"172.30.0.0/15"};
  ASSERT_EQ(lines(kit.apply()), "");
  kit.resize("worker", 2);
  kit.world.host("worker-2").routes = {{"172.31.7.0/24", "wg0"}};
  kit.restart();
  const auto failures = lines(kit.apply());
  EXPECT_NE(failures.find("swarm_node/worker-2: overlay networks take addresses that it uses: 172.31.7.0/24 of "
                          "worker-2 (over wg0)"),
            std::string::npos)
      << failures;
  EXPECT_EQ(kit.world.swarm().nodes.size(), 2U);

  kit.world.host("worker-2").routes.clear();
  kit.restart();
  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(kit.world.swarm().nodes.size(), 3U);
}

TEST(Apply, WhereDockersOwnPoolIsInUseItIsSaid) {
  ClusterKit kit(1, 2);
  for (const auto* name : {"manager-1", "worker-1", "worker-2"}) kit.world.host(name).routes = {{"10.8.0.1", "tun0"}};
  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_NE(lines(kit.said).find("overlaps what hosts use: 10.8.0.1 of manager-1 and 2 other hosts (over tun0)"),
            std::string::npos);
}

}  // namespace
}  // namespace skep::test
