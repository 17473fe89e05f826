// Nodes that go: demoted, drained, gone from the list; and what must be refused on the way.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "planner/base/text.h"
#include "tests/provisioners/cluster_kit.h"

namespace skep::test {
namespace {

std::string node_names(FakeWorld& world) {
  std::vector<std::string> names;
  for (const auto& [id, node] : world.swarm().nodes) names.push_back(node.hostname + (node.voter ? "*" : ""));
  std::ranges::sort(names);
  return join(names, " ");
}

std::unique_ptr<ClusterKit> applied(int managers, int workers) {
  auto kit = std::make_unique<ClusterKit>(managers, workers);
  EXPECT_EQ(lines(kit->apply()), "");
  kit->restart();
  kit->world.forget_calls();
  return kit;
}

TEST(Leave, AWorkerIsDrainedLeavesAndIsTakenOffTheList) {
  auto kit = applied(1, 2);
  kit->world.add_service("shop", "worker-1");

  EXPECT_EQ(kit->destroy("swarm_node/worker-1"), "");

  EXPECT_EQ(node_names(kit->world), "manager-1* worker-2");
  EXPECT_EQ(kit->world.host("worker-1").local_state, "inactive");
  EXPECT_FALSE(kit->world.swarm().services[0].runs_on.empty());
  const auto calls = lines(kit->world.calls());
  EXPECT_LT(calls.find("node_update"), calls.find("worker-1 swarm_leave"));
  EXPECT_LT(calls.find("worker-1 swarm_leave"), calls.find("node_destroy"));
}

TEST(Leave, ADrainThatCannotEndStopsAtItsDeadlineAndSaysWhichServiceAndWhy) {
  auto kit = applied(1, 2);
  kit->world.add_service("shop_db", "worker-1", {"worker-1"});
  const auto begun = kit->clock.now();

  const auto failure = kit->destroy("swarm_node/worker-1");

  EXPECT_EQ(failure,
            "waited 1 min for worker-1 to be empty: not back on other nodes: shop_db (0 of 1); shop_db: no suitable "
            "node (scheduling constraints not satisfied)");
  EXPECT_LE(kit->clock.now() - begun, std::chrono::seconds(90));
  EXPECT_EQ(kit->world.host("worker-1").local_state, "active");
  EXPECT_EQ(node_names(kit->world), "manager-1* worker-1 worker-2");
  EXPECT_NE(kit->world.text().find("worker-1 worker pool=worker provider=local region=here drain"), std::string::npos);
}

TEST(Leave, AManagerThatWentIsNotAskedThoughTheSwarmStillNamesIt) {
  auto kit = applied(3, 1);
  auto& named = kit->objects.at({"swarm", "main"}).attributes.at("manager");
  named["address"] = named["private_address"] = "10.0.9.9";  // by now a stranger's
  kit->world.add_host("stranger", "10.0.9.9").host_key = "ssh-ed25519 other";
  EXPECT_EQ(kit->destroy("swarm_node/worker-1"), "");
  EXPECT_EQ(kit->world.count_of_calls("stranger engine_read"), 0U);
}

// While a worker is drained a manager is replaced, and a new machine gets its address.
TEST(Leave, AManagerThatIsReplacedMeanwhileIsNotTrustedAndTheOthersAreAsked) {
  auto kit = applied(3, 1);
  kit->world.host("manager-1").host_key = "ssh-ed25519 other";
  EXPECT_EQ(kit->destroy("swarm_node/worker-1"), "");
  EXPECT_EQ(node_names(kit->world), "manager-1* manager-2* manager-3*");
}

TEST(Leave, WhereEveryManagerShowsAnotherKeyTheFirstIsNamed) {
  auto kit = applied(3, 1);
  for (const auto* name : {"manager-1", "manager-2", "manager-3"}) kit->world.host(name).host_key = "ssh-ed25519 other";
  const auto begun = kit->clock.now();
  EXPECT_EQ(kit->destroy("swarm_node/worker-1"), "manager-1: another host key");
  EXPECT_EQ(kit->clock.now(), begun);
}

TEST(Leave, AServiceThatMayBeWithoutAPlaceDoesNotHoldUpADrain) {
  auto kit = applied(1, 2);
  kit->world.add_service("shop_db", "worker-1", {"worker-1"});
  kit->world.add_service("shop", "worker-1");
  kit->spec.rollout.allow_unschedulable = {"shop_*"};
  EXPECT_EQ(kit->destroy("swarm_node/worker-1"), "");
  EXPECT_EQ(node_names(kit->world), "manager-1* worker-2");
}

TEST(Leave, WhileAServiceIsOnItsWayNothingMoreIsTakenAway) {
  auto kit = applied(1, 2);
  kit->world.add_service("shop", "worker-1", {"worker-2"});  // it may not be where it is
  kit->world.power_off("worker-2");
  kit->world.swarm().services.back().runs_on.clear();
  const auto failure = kit->destroy("swarm_node/worker-1");
  EXPECT_EQ(failure,
            "waited 1 min for the swarm to be well before worker-1 goes: not as wanted: shop (0 of 1: no suitable node "
            "(scheduling constraints not satisfied))");
  EXPECT_EQ(kit->world.count_of_calls("manager-1 node_update"), 0U);
}

TEST(Leave, AnInterruptedLeavingGoesOn) {
  for (std::size_t at = 0; at < 12; ++at) {
    for (const Fault fault : {Fault::not_sent, Fault::answer_lost}) {
      auto kit = applied(1, 2);
      kit->world.add_service("shop", "worker-1");
      kit->world.fault = [&](std::size_t number, const std::string&) { return number == at ? fault : Fault::none; };
      const auto first = kit->destroy("swarm_node/worker-1");
      kit->restart();
      SCOPED_TRACE(fmt::format("call {}: {}", at, first));
      if (!first.empty()) {
        EXPECT_EQ(kit->destroy("swarm_node/worker-1"), "");
      }
      EXPECT_EQ(node_names(kit->world), "manager-1* worker-2");
      EXPECT_EQ(kit->world.host("worker-1").local_state, "inactive");
    }
  }
}

TEST(Leave, ASilentHostMustBePoweredOffFirst) {
  auto kit = applied(1, 2);
  kit->world.host("worker-1").reachable = false;
  const auto failure = kit->destroy("swarm_node/worker-1");
  EXPECT_TRUE(failure.starts_with("worker-1 cannot be asked (")) << failure;
  EXPECT_TRUE(failure.ends_with("and may still run its containers")) << failure;

  kit->world.power_off("worker-1");
  kit->objects.at({"server", "worker-1"}).attributes["power"] = "off";
  EXPECT_EQ(kit->destroy("swarm_node/worker-1"), "");
  EXPECT_EQ(node_names(kit->world), "manager-1* worker-2");
}

// The provider may still say that it is on: what fences it must know that the swarm has given it up.
TEST(Leave, WhatTheSwarmSaysOfASilentHostIsKnown) {
  auto kit = applied(3, 1);
  const auto look = [&] {
    kit->restart();
    const auto id = kit->objects.at({"swarm_node", "worker-1"}).remote_id;
    return kit->driver("host.swarm_node").find(kit->resolved("swarm_node/worker-1"), id, Context{});
  };
  kit->world.host("worker-1").reachable = false;
  EXPECT_FALSE(look().ok()) << "the managers see it: nothing is known";
  kit->world.power_off("worker-1");
  ASSERT_TRUE(kit->clock.sleep(std::chrono::minutes(1), Context{}).ok());
  const auto seen = look();
  ASSERT_TRUE(seen.ok() && seen.value());
  EXPECT_EQ(json_string_or(seen.value()->attributes, "state"), "down");
  for (const auto* name : {"manager-1", "manager-2", "manager-3"}) kit->world.power_off(name);
  EXPECT_FALSE(look().ok()) << "nobody can be asked";
}

// A run that ended between the beginning of the swarm and the record of its manager, and a spec without that node.
TEST(Leave, AManagerThatIsOnNoRecordIsDemotedBeforeItLeaves) {
  auto kit = applied(3, 0);
  EXPECT_EQ(kit->destroy("swarm_node/manager-3"), "");
  EXPECT_EQ(node_names(kit->world), "manager-1* manager-2*");
  const auto calls = lines(kit->world.calls());
  EXPECT_LT(calls.find("node_role"), calls.find("manager-3 swarm_leave"));
}

TEST(Leave, AManagerIsDemotedBeforeItLeaves) {
  auto kit = applied(3, 0);
  EXPECT_EQ(kit->destroy("swarm_manager/manager-3"), "");
  EXPECT_EQ(node_names(kit->world), "manager-1* manager-2* manager-3");
  EXPECT_EQ(kit->destroy("swarm_node/manager-3"), "");
  EXPECT_EQ(node_names(kit->world), "manager-1* manager-2*");
}

TEST(Leave, TheLeaderOfTwoHandsItsOfficeOverBeforeItIsDemoted) {
  auto kit = applied(3, 0);
  ASSERT_EQ(kit->destroy("swarm_manager/manager-3"), "");
  ASSERT_EQ(kit->destroy("swarm_node/manager-3"), "");
  auto& swarm = kit->world.swarm();
  ASSERT_EQ(swarm.nodes.at(swarm.leader).hostname, "manager-1");

  EXPECT_EQ(kit->destroy("swarm_manager/manager-1"), "");

  EXPECT_EQ(node_names(kit->world), "manager-1 manager-2*");
  EXPECT_EQ(kit->world.host("manager-1").engine->starts, 2);
  EXPECT_EQ(kit->world.host("manager-2").engine->starts, 1);
}

TEST(Leave, TheLastManagerStays) {
  auto kit = applied(1, 1);
  EXPECT_EQ(kit->destroy("swarm_manager/manager-1"), "it is the last manager: without it there is no swarm");
  EXPECT_EQ(node_names(kit->world), "manager-1* worker-1");
}

TEST(Leave, ADeadManagerGoesBeforeANewOneComes) {
  auto kit = applied(3, 0);
  kit->world.power_off("manager-3");
  kit->objects.at({"server", "manager-3"}).attributes["power"] = "off";
  kit->resize("manager", 4);
  const auto failures = kit->apply();
  bool is_refused = false;
  for (const auto& failure : failures) {
    is_refused = is_refused || (failure.starts_with("swarm_manager/manager-4:") &&
                                failure.find("manager-3 is not") != std::string::npos);
  }
  EXPECT_TRUE(is_refused) << lines(failures);
  EXPECT_EQ(node_names(kit->world), "manager-1* manager-2* manager-3* manager-4");

  EXPECT_EQ(kit->destroy("swarm_manager/manager-3"), "");
  EXPECT_EQ(kit->destroy("swarm_node/manager-3"), "");
  kit->spec.pools.at("manager").nodes.erase(kit->spec.pools.at("manager").nodes.begin() + 2);
  EXPECT_EQ(lines(kit->apply()), "");
  EXPECT_EQ(node_names(kit->world), "manager-1* manager-2* manager-4*");
}

TEST(Leave, AHealthyManagerStaysWhileAnotherIsDown) {
  auto kit = applied(3, 0);
  kit->world.power_off("manager-2");
  const auto failure = kit->destroy("swarm_manager/manager-3");
  EXPECT_NE(failure.find("there would be 2 managers, 1 of them reachable, and 2 are needed"), std::string::npos)
      << failure;
  EXPECT_EQ(node_names(kit->world), "manager-1* manager-2* manager-3*");
}

TEST(Leave, AnotherManagerIsAskedWhenTheFirstIsGone) {
  auto kit = applied(3, 1);
  kit->world.power_off("manager-1");
  EXPECT_EQ(kit->destroy("swarm_node/worker-1"), "");
  EXPECT_EQ(node_names(kit->world), "manager-1* manager-2* manager-3*");
}

TEST(Leave, AnElectionIsWaitedFor) {
  auto kit = applied(3, 1);
  std::size_t silent = 0;
  kit->world.fault = [&](std::size_t, const std::string& call) {
    return call.find("manager") != std::string::npos && silent++ < 20 ? Fault::not_sent : Fault::none;
  };
  EXPECT_EQ(kit->destroy("swarm_node/worker-1"), "");
  EXPECT_GT(silent, 20U);
}

TEST(Leave, TheWholeSwarmIsDissolvedWorkersFirstTheLeaderLast) {
  auto kit = applied(3, 2);
  EXPECT_EQ(kit->destroy("swarm/main"), "");
  std::vector<std::string> leaving;
  for (const auto& call : kit->world.calls()) {
    if (call.ends_with("swarm_leave")) leaving.push_back(call.substr(0, call.find(' ')));
  }
  EXPECT_EQ(join(leaving, " "), "worker-1 worker-2 manager-2 manager-3 manager-1");
  for (const char* name : {"manager-1", "manager-2", "manager-3", "worker-1", "worker-2"}) {
    EXPECT_EQ(kit->world.host(name).local_state, "inactive");
  }
}

TEST(Leave, ASwarmIsNotDissolvedWhileAHostIsSilent) {
  auto kit = applied(1, 1);
  kit->world.host("worker-1").reachable = false;
  const auto failure = kit->destroy("swarm/main");
  EXPECT_TRUE(failure.starts_with("the swarm is not dissolved while hosts cannot be reached: worker-1")) << failure;
  EXPECT_EQ(kit->world.host("manager-1").local_state, "active");
}

TEST(Leave, LostQuorumIsToldAndNothingIsBegunAnew) {
  auto kit = applied(3, 0);
  kit->world.power_off("manager-2");
  kit->world.power_off("manager-3");
  kit->objects.erase({"swarm", "main"});
  const auto failures = kit->apply();
  ASSERT_FALSE(failures.empty());
  bool is_told = false;
  for (const auto& failure : failures) {
    is_told = is_told || (failure.starts_with("swarm/main: ") &&
                          failure.find("no manager answers for the swarm") != std::string::npos);
  }
  EXPECT_TRUE(is_told) << lines(failures);
  EXPECT_EQ(kit->world.swarms().size(), 1U);
}

TEST(Leave, FixedPropertiesOfASwarmAreNotChanged) {
  auto kit = applied(1, 0);
  kit->spec.swarm.data_path_port = 4790;
  EXPECT_EQ(lines(kit->apply()),
            "swarm/main: the address pools and the data path port of a swarm are fixed when it begins");
}

TEST(Leave, AnEngineOfAMachineThatStaysKeepsRunningWithoutOurKeys) {
  auto kit = applied(1, 0);
  auto& host = kit->world.host("manager-1");
  host.daemon_json = R"({"debug": true, "labels": ["theirs=1", "skep.uid=demo/manager-1@1/)" + host.machine_id + "\"]}";
  EXPECT_EQ(kit->destroy("engine/manager-1"), "");
  EXPECT_TRUE(host.engine && host.engine->runs);
  EXPECT_EQ(Json::parse(*host.daemon_json), Json({{"debug", true}, {"labels", {"theirs=1"}}}));
  EXPECT_EQ(host.engine_memory, "");
}

TEST(Mounts, AVolumeIsFormattedOnlyIfBlankAndItsDataStays) {
  ClusterKit kit(1, 1);
  auto& host = kit.world.host("worker-1");
  host.devices = {{"/dev/a", ""}, {"/dev/b", "xfs"}};
  Resource mount = {.id = {"mount", "worker-1-data"}, .driver = "host.mount", .node = "worker-1"};
  mount.inputs = {{"host", kit.objects.at({"server", "worker-1"}).attributes},
                  {"cluster", "demo"},
                  {"device", "/dev/a"},
                  {"path", "/srv/data"},
                  {"filesystem", "ext4"}};
  auto& driver = kit.driver("host.mount");

  const auto object = driver.create(mount, {});
  ASSERT_TRUE(object.ok()) << object.error().message;
  EXPECT_EQ(host.devices.at("/dev/a"), "ext4");
  EXPECT_EQ(*driver.find(mount, "/srv/data", {}).value(), object.value());

  ASSERT_TRUE(driver.destroy(mount, object.value(), {}).ok());
  EXPECT_EQ(host.devices.at("/dev/a"), "ext4");
  EXPECT_EQ(driver.find(mount, "", {}).value(), std::nullopt);

  mount.inputs["device"] = "/dev/b";
  const auto refused = driver.create(mount, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  EXPECT_EQ(host.devices.at("/dev/b"), "xfs");
}

}  // namespace
}  // namespace skep::test
