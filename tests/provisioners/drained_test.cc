// Updates that disturb a node: emptied before, back in service after, and what stops them.
#include <algorithm>

#include <gtest/gtest.h>

#include "planner/base/text.h"
#include "provisioners/drained.h"
#include "tests/fakes/fake_driver.h"
#include "tests/provisioners/cluster_kit.h"

namespace skep::test {
namespace {

std::unique_ptr<ClusterKit> running(int managers, int workers) {
  auto kit = std::make_unique<ClusterKit>(managers, workers);
  kit->spec.rollout.settle = std::chrono::seconds(20);
  EXPECT_EQ(lines(kit->apply()), "");
  kit->restart();
  kit->world.forget_calls();
  kit->said.clear();
  return kit;
}

void change_daemon(ClusterKit& kit) { kit.spec.engine.daemon = {{"log-driver", "local"}}; }

FakeNode& node_of(ClusterKit& kit, const std::string& host) {
  return kit.world.swarm().nodes.at(kit.world.host(host).node_id);
}

std::size_t place(const std::vector<std::string>& calls, const std::string& call) {
  return static_cast<std::size_t>(std::ranges::find(calls, call) - calls.begin());
}

TEST(Drained, ANodeIsEmptiedRestartedAndBackInService) {
  auto kit = running(1, 2);
  kit->world.add_service("shop", "worker-1");
  change_daemon(*kit);
  ASSERT_EQ(lines(kit->apply()), "");

  const auto calls = kit->world.calls();
  const auto restart = place(calls, "worker-1 engine_configure");
  ASSERT_LT(restart, calls.size());
  std::vector<std::size_t> updates;
  for (std::size_t i = 0; i < calls.size(); ++i)
    if (calls[i] == "manager-1 node_update") updates.push_back(i);
  EXPECT_TRUE(std::ranges::any_of(updates, [&](std::size_t i) { return i < restart; }));
  EXPECT_TRUE(std::ranges::any_of(updates, [&](std::size_t i) { return i > restart; }));
  for (const char* host : {"manager-1", "worker-1", "worker-2"}) {
    EXPECT_EQ(node_of(*kit, host).availability, "active") << host;
    EXPECT_EQ(kit->world.host(host).engine->starts, 2) << host;
  }
  EXPECT_EQ(lines(kit->plan()), "");
}

TEST(Drained, NothingIsEmptiedForAKeyThatARunningEngineTakesOver) {
  auto kit = running(1, 1);
  kit->spec.engine.daemon = {{"debug", true}};
  ASSERT_EQ(lines(kit->apply()), "");
  EXPECT_EQ(kit->world.count_of_calls("node_update"), 0U);
  EXPECT_EQ(kit->world.host("worker-1").engine->starts, 1);
}

TEST(Drained, TheFirstInstallationEmptiesNothing) {
  ClusterKit kit(1, 1);
  ASSERT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(kit.world.count_of_calls("manager-1 engine_read /services"), 0U);
  for (const auto& line : kit.said) EXPECT_EQ(line.find("emptying"), std::string::npos) << line;
}

TEST(Drained, ANodeThatCannotBeEmptiedIsNotTouched) {
  auto kit = running(1, 2);
  kit->world.add_service("shop_db", "worker-1", {"worker-1"});
  change_daemon(*kit);
  const auto failures = lines(kit->apply());
  EXPECT_NE(failures.find("engine/worker-1: waited 1 min for worker-1 to be empty: not back on other nodes: shop_db"),
            std::string::npos)
      << failures;
  EXPECT_EQ(kit->world.host("worker-1").engine->starts, 1);
}

TEST(Drained, AnAloneNodeIsRestartedWithItsTasks) {
  auto kit = running(1, 0);
  kit->world.add_service("shop", "manager-1");
  change_daemon(*kit);
  ASSERT_EQ(lines(kit->apply()), "");
  EXPECT_EQ(kit->world.host("manager-1").engine->starts, 2);
  EXPECT_NE(lines(kit->said).find("no other node takes its tasks"), std::string::npos);
}

TEST(Drained, ANodeDrainedByHandStaysSo) {
  auto kit = running(1, 2);
  node_of(*kit, "worker-2").availability = "drain";
  const auto& resource = kit->resolved("engine/worker-2");
  auto& driver = kit->driver(resource.driver);
  Resource changed = resource;
  changed.inputs["daemon"] = {{"log-driver", "local"}};
  const Context context = {.deadline = Instant::max(), .stop = {}, .say = [](std::string_view) {}};
  const auto updated = driver.update(changed, kit->objects.at({"engine", "worker-2"}), context);
  ASSERT_TRUE(updated.ok()) << updated.error().message;
  EXPECT_EQ(node_of(*kit, "worker-2").availability, "drain");
}

TEST(Drained, ASwarmThatIsNotWellIsLeftAlone) {
  auto kit = running(3, 2);
  kit->world.power_off("worker-2");
  kit->clock.sleep(std::chrono::minutes(1), {.deadline = Instant::max(), .stop = {}, .say = {}}).ok();
  kit->world.add_service("shop", "worker-1", {"worker-2"});
  kit->world.swarm().services.back().runs_on.clear();
  change_daemon(*kit);
  const auto failures = lines(kit->apply());
  EXPECT_NE(failures.find("engine/worker-1: waited"), std::string::npos) << failures;
  EXPECT_NE(failures.find("the swarm to be well before worker-1 is disturbed"), std::string::npos) << failures;
  EXPECT_EQ(kit->world.host("worker-1").engine->starts, 1);
}

TEST(Drained, AVersionThatIsNotThereStopsBeforeTheNodeIsEmptied) {
  ClusterKit kit(1, 2);
  kit.spec.engine.source = EngineSpec::Source::docker;
  kit.spec.engine.version = "27";
  ASSERT_EQ(lines(kit.apply()), "");
  kit.world.forget_calls();
  kit.spec.engine.version = "31";
  EXPECT_NE(lines(kit.apply()).find("Docker's repository has no engine version"), std::string::npos);
  EXPECT_EQ(kit.world.count_of_calls("manager-1 node_update"), 0U);
}

std::unique_ptr<ClusterKit> on_engine_27(int managers, int workers) {
  auto kit = std::make_unique<ClusterKit>(managers, workers);
  kit->spec.engine.source = EngineSpec::Source::docker;
  kit->spec.engine.version = "27";
  EXPECT_EQ(lines(kit->apply()), "");
  kit->restart();
  kit->world.forget_calls();
  kit->spec.engine.version = "28.5";
  return kit;
}

TEST(Drained, OverlayNetworksAreProbedAfterTheFirstNodeOfANewVersion) {
  auto kit = on_engine_27(3, 2);
  ASSERT_EQ(lines(kit->apply()), "");
  EXPECT_EQ(kit->world.count_of_calls("overlay_begin"), 2U) << "from the first node and from one other, once";
  EXPECT_EQ(kit->world.count_of_calls("network_probe"), 2U);
  for (const auto& [id, node] : kit->world.swarm().nodes) EXPECT_EQ(node.availability, "active") << node.hostname;
}

TEST(Drained, TwoThatGetAVersionAtTheSameMomentAreBothProbed) {
  auto kit = on_engine_27(3, 2);
  kit->world.fault = [&](std::size_t, const std::string& call) {
    if (call.starts_with("manager-2 engine_")) kit->world.host("worker-1").engine->version = "28.5.2";
    return Fault::none;
  };
  const auto resources = kit->resources();
  const auto engine = std::ranges::find(resources, ResourceId{"engine", "manager-2"}, &Resource::id);
  ASSERT_NE(engine, resources.end());
  ASSERT_TRUE(kit->perform_step(StepAction::update, *engine, kit->objects.at(engine->id)).ok());
  ASSERT_EQ(kit->world.host("worker-1").engine->version, "28.5.2");
  EXPECT_EQ(kit->world.count_of_calls("network_probe"), 2U);
}

TEST(Drained, AFirstNodeThatIsCutOffInOverlaysFailsAndTakesNoTasks) {
  auto kit = on_engine_27(3, 1);
  kit->world.host("manager-2").carried = 1300;
  const auto resources = kit->resources();
  const auto engine = std::ranges::find(resources, ResourceId{"engine", "manager-2"}, &Resource::id);
  ASSERT_NE(engine, resources.end());
  for (int attempt = 0; attempt < 2; ++attempt) {  // the second finds the version as it should be, and asks again
    const auto result = kit->perform_step(StepAction::update, *engine, kit->objects.at(engine->id));
    ASSERT_FALSE(result.ok());
    EXPECT_NE(
        result.error().message.find("with engine 28.5.2 packets do not pass in an overlay network: 1400 bytes from"),
        std::string::npos)
        << result.error().message;
    EXPECT_EQ(node_of(*kit, "manager-2").availability, "drain");
    node_of(*kit, "manager-2").availability = "active";
  }
  kit->world.host("manager-2").carried = 1500;
  kit->restart();
  EXPECT_EQ(lines(kit->apply()), "");
  EXPECT_EQ(node_of(*kit, "manager-2").availability, "active");
}

TEST(Drained, AHostThatCannotProbeIsUpgradedAllTheSame) {
  auto kit = on_engine_27(3, 1);
  kit->world.host("manager-2").has_perl = false;
  kit->said.clear();
  EXPECT_EQ(lines(kit->apply()), "");
  EXPECT_TRUE(std::ranges::any_of(kit->said, [](const std::string& line) {
    return line.find("overlay networks are not probed: no container on manager-2") != std::string::npos;
  }));
}

// A machine has no host: it is one.
TEST(Drained, AMachineThatIsTurnedOffForAChangeIsEmptiedAsWell) {
  auto kit = running(3, 1);
  HostFacts facts(kit->world, kit->clock);
  FakeDriver machines("fake.server");
  machines.edit_schema().inputs = {{"type", OnChange::disrupt}};
  Drained drained(machines, {kit->world, kit->clock, facts});
  Resource server = {.id = {"server", "worker-1"}, .driver = "fake.server", .inputs = {{"type", "large"}}};
  server.node = "worker-1";
  server.inputs["service"] = kit->resolved("engine/worker-1").inputs["service"];
  const Object object = {"7", {{"type", "small"}}};
  std::string availability;  // while it is changed
  machines.on_update = [&](const Resource&, const Object& before, const Context&) -> Result<Object> {
    availability = node_of(*kit, "worker-1").availability;
    return before;
  };
  const auto updated = drained.update(server, object, {.deadline = kit->clock.now() + std::chrono::hours(1)});
  ASSERT_TRUE(updated.ok()) << updated.error().message;
  EXPECT_EQ(availability, "drain");
  EXPECT_EQ(node_of(*kit, "worker-1").availability, "active");
}

TEST(Drained, ANodeWhoseSystemAsksForItIsRebootedWhenItIsEmpty) {
  auto kit = running(3, 2);
  kit->world.add_service("shop", "worker-1");
  for (const char* host : {"manager-2", "worker-1"}) kit->world.host(host).needs_reboot = true;
  EXPECT_EQ(lines(kit->plan()),
            "~ host/manager-2: needs_reboot true -> false\n~ host/worker-1: needs_reboot true -> false");
  ASSERT_EQ(lines(kit->apply()), "");
  EXPECT_EQ(kit->world.host("manager-2").boots, 2);
  EXPECT_EQ(kit->world.host("worker-1").boots, 2);
  EXPECT_EQ(kit->world.host("worker-2").boots, 1);
  EXPECT_EQ(node_of(*kit, "worker-1").availability, "active");
  const auto calls = kit->world.calls();
  EXPECT_LT(place(calls, "manager-1 node_update"), place(calls, "worker-1 host_reboot"));
  EXPECT_EQ(lines(kit->plan()), "");
}

TEST(Drained, NothingIsRebootedWhereTheSpecForbidsIt) {
  auto kit = running(1, 1);
  kit->spec.rollout.reboots = false;
  kit->world.host("worker-1").needs_reboot = true;
  EXPECT_EQ(lines(kit->plan()), "");
}

TEST(Drained, ANewMachineThatAsksForARebootGetsItBeforeAnythingElse) {
  ClusterKit kit(1, 0);
  kit.world.host("manager-1").needs_reboot = true;
  ASSERT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(kit.world.host("manager-1").boots, 2);
  const auto calls = kit.world.calls();
  EXPECT_LT(place(calls, "manager-1 host_reboot"), place(calls, "manager-1 engine_install"));
  EXPECT_EQ(lines(kit.plan()), "");
}

// Wherever a call is lost, the next apply ends as the first would have.
TEST(Drained, AnInterruptedUpdateGoesOn) {
  for (std::size_t at = 0; at < 90; at += 2) {
    auto kit = running(1, 2);
    kit->world.add_service("shop", "worker-1");
    change_daemon(*kit);
    kit->world.fault = [&](std::size_t number, const std::string&) {
      return number == at ? Fault::answer_lost : Fault::none;
    };
    const auto first = lines(kit->apply());
    kit->restart();
    SCOPED_TRACE("call " + std::to_string(at) + ": " + first);
    EXPECT_EQ(lines(kit->apply()), "");
    EXPECT_EQ(lines(kit->plan()), "");
    for (const char* host : {"manager-1", "worker-1", "worker-2"})
      EXPECT_EQ(node_of(*kit, host).availability, "active");
  }
}

TEST(Drained, WhatTheEngineWouldNotAcceptIsToldBeforeANodeIsEmptied) {
  auto kit = running(1, 2);
  kit->spec.engine.daemon = {{"nonsense", 1}};
  const auto failures = lines(kit->apply());
  EXPECT_NE(failures.find("engine/worker-1: the engine would not accept its configuration: nonsense"),
            std::string::npos)
      << failures;
  EXPECT_EQ(kit->world.count_of_calls("node_update"), 0U);
  EXPECT_EQ(kit->world.host("worker-1").engine->starts, 1);
}

TEST(Drained, AFileThatCannotBeReadIsToldBeforeItsNodeIsEmptied) {
  auto kit = running(1, 1);
  kit->world.host("worker-1").daemon_json = "{nonsense";
  change_daemon(*kit);
  const auto failures = lines(kit->apply());
  EXPECT_NE(failures.find("engine/worker-1: /etc/docker/daemon.json: not valid JSON"), std::string::npos) << failures;
  EXPECT_EQ(kit->world.host("worker-1").engine->starts, 1);
  EXPECT_EQ(node_of(*kit, "worker-1").availability, "active");
}

std::unique_ptr<ClusterKit> running_27() {
  auto kit = std::make_unique<ClusterKit>(1, 0);
  kit->spec.engine.source = EngineSpec::Source::docker;
  kit->spec.engine.version = "27";
  EXPECT_EQ(lines(kit->apply()), "");
  kit->spec.engine.version = "28.5";
  change_daemon(*kit);
  return kit;
}

TEST(Drained, AnEngineOfAnotherVersionStartsOnceWithItsNewConfiguration) {
  auto kit = running_27();
  ASSERT_EQ(lines(kit->apply()), "");
  const auto& host = kit->world.host("manager-1");
  EXPECT_EQ(host.engine->version, "5:28.5.2-1~debian.12~bookworm");
  EXPECT_EQ(host.engine->starts, 2);
  EXPECT_EQ(host.engine->read, host.daemon_json);
  EXPECT_EQ(lines(kit->plan()), "");
}

TEST(Drained, WhatAnEngineHasNotReadYetIsNotTakenAsSet) {
  auto kit = running_27();
  kit->world.fault = [](auto, const std::string& call) {
    return call == "manager-1 engine_install" ? test::Fault::not_sent : test::Fault::none;
  };
  EXPECT_NE(lines(kit->apply()), "");
  kit->world.fault = [](auto, const auto&) { return test::Fault::none; };
  const auto& host = kit->world.host("manager-1");
  ASSERT_NE(host.engine->read, host.daemon_json);
  kit->spec.engine.version = "27";
  EXPECT_EQ(lines(kit->plan()), R"(~ engine/manager-1: daemon {} -> {"log-driver":"local"})");
  ASSERT_EQ(lines(kit->apply()), "");
  EXPECT_EQ(host.engine->read, host.daemon_json);
  EXPECT_EQ(host.engine->version, "5:27.5.1-1~debian.12~bookworm");
  EXPECT_EQ(lines(kit->plan()), "");
}

}  // namespace
}  // namespace skep::test
