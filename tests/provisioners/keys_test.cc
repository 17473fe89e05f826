// Managers that lock, keys that change, and backups: over fake hosts.
#include <gtest/gtest.h>

#include "planner/base/text.h"
#include "provisioners/look_at_all.h"
#include "provisioners/rotate.h"
#include "provisioners/swarm_backup.h"
#include "provisioners/unlock.h"
#include "tests/provisioners/cluster_kit.h"

namespace skep::test {
namespace {

class Keys : public testing::Test {
 protected:
  /// A swarm of so many managers and one worker stands.
  void make(int managers, bool autolock) {
    kit = std::make_unique<ClusterKit>(managers, 1);
    kit->spec.swarm.autolock = autolock;
    ASSERT_EQ(lines(kit->apply()), "");
    for (int i = 1; i <= managers; ++i) {
      const auto& host = kit->world.host("manager-" + std::to_string(i));
      members.push_back({.node = "manager-" + std::to_string(i),
                         .role = "manager",
                         .private_address = host.address,
                         .endpoint = {.address = host.address, .host_key = host.host_key}});
    }
    facts = std::make_unique<HostFacts>(kit->world, kit->clock);
  }
  HostTools tools() { return {kit->world, kit->clock, *facts}; }
  Managers managers() { return {tools(), members}; }
  Context context() { return {.deadline = kit->clock.now() + std::chrono::hours(1)}; }
  std::vector<HostLook> looks() {
    facts->forget_all();
    return look_at_all(tools(), members, std::chrono::seconds(5), context());
  }
  FakeNode& node(const std::string& host) { return kit->world.swarm().nodes.at(kit->world.host(host).node_id); }

  std::unique_ptr<ClusterKit> kit;
  std::unique_ptr<HostFacts> facts;
  std::vector<Member> members;
};

TEST_F(Keys, AutolockComesWithTheSwarmOrLaterAndGoesAgain) {
  make(3, true);
  EXPECT_TRUE(kit->world.swarm().autolock);
  EXPECT_EQ(lines(kit->plan()), "");
  kit->spec.swarm.autolock = false;
  EXPECT_EQ(lines(kit->plan()), "~ swarm/main: autolock true -> false");
  EXPECT_EQ(lines(kit->apply()), "");
  EXPECT_FALSE(kit->world.swarm().autolock);
  kit->spec.swarm.autolock = true;
  EXPECT_EQ(lines(kit->apply()), "");
  EXPECT_TRUE(kit->world.swarm().autolock);
  kit->spec.swarm.data_path_port = 4790;
  EXPECT_EQ(kit->apply().size(), 1U) << "what was fixed when it began stays refused";
}

TEST_F(Keys, AnEngineThatRestartsIsUnlockedByTheStepThatRestartedIt) {
  make(3, true);
  kit->spec.engine.daemon = {{"metrics-addr", "127.0.0.1:9323"}};
  EXPECT_EQ(lines(kit->apply()), "");
  for (const auto& member : members) {
    EXPECT_EQ(kit->world.host(member.node).engine->starts, 2) << member.node;
    EXPECT_EQ(kit->world.host(member.node).local_state, "active") << member.node;
  }
  EXPECT_EQ(lines(kit->plan()), "");
}

TEST_F(Keys, AllManagersLockedIsSaidAndNobodyBeginsOrLeaves) {
  make(3, true);
  for (const auto& member : members) kit->world.power_off(member.node);
  for (const auto& member : members) kit->world.power_on(member.node);
  kit->restart();
  kit->world.forget_calls();
  const auto plan = lines(kit->plan());
  const std::string locked =
      "? swarm/main: the swarm is locked (unlock it with: skep swarm unlock): manager-1 is locked";
  EXPECT_NE(plan.find(locked), std::string::npos) << plan;
  EXPECT_NE(lines(kit->apply()).find("the swarm is locked"), std::string::npos);
  EXPECT_EQ(kit->world.count_of_calls("swarm_init"), 0U);
  EXPECT_EQ(kit->world.count_of_calls("swarm_leave"), 0U);
  const Secret key(kit->world.swarm().unlock_key);
  for (const auto& member : members) {
    const auto unlocked = unlock_if_locked(tools(), member, key, context());
    ASSERT_TRUE(unlocked.ok()) << unlocked.error().message;
    EXPECT_TRUE(unlocked.value());
  }
  kit->restart();
  EXPECT_EQ(lines(kit->plan()), "");
}

TEST_F(Keys, OnlyTheRightKeyUnlocks) {
  make(3, true);
  kit->world.power_off("manager-2");
  kit->world.power_on("manager-2");
  const auto none = unlock_if_locked(tools(), members[1], Secret(), context());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::refused);
  const auto wrong = unlock_if_locked(tools(), members[1], Secret("SWMKEY-1-other"), context());
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, ErrorCode::invalid_input);
  const auto key = managers().without(members[1]).unlock_key(context());
  ASSERT_TRUE(key.ok()) << key.error().message;
  EXPECT_TRUE(unlock_if_locked(tools(), members[1], key.value(), context()).value());
  EXPECT_FALSE(unlock_if_locked(tools(), members[1], Secret(), context()).value()) << "it was not locked any more";
}

TEST_F(Keys, TokensAndTheUnlockKeyChange) {
  make(3, true);
  const auto before = kit->world.swarm();
  for (const char* what : {"worker-token", "manager-token", "unlock-key"})
    ASSERT_TRUE(rotate(managers(), what, context()).ok()) << what;
  EXPECT_NE(kit->world.swarm().token, before.token);
  EXPECT_NE(kit->world.swarm().manager_token, before.manager_token);
  EXPECT_NE(kit->world.swarm().unlock_key, before.unlock_key);
  kit->world.swarm().autolock = false;
  EXPECT_EQ(rotate(managers(), "unlock-key", context()).error().code, ErrorCode::refused);
}

TEST_F(Keys, ANewCaIsWaitedForAndNotBegunTwice) {
  make(3, false);
  const Instant begun = kit->clock.now();
  ASSERT_TRUE(rotate_ca(tools(), managers(), context()).ok());
  EXPECT_EQ(kit->world.swarm().ca, 2);
  EXPECT_GE(kit->clock.now() - begun, std::chrono::seconds(20));
  // Begun by somebody who did not see its end: the fake refuses a second beginning.
  kit->world.swarm().ca_rotated = kit->clock.now() + std::chrono::seconds(30);
  const auto resumed = rotate_ca(tools(), managers(), context());
  EXPECT_TRUE(resumed.ok()) << resumed.error().message;
  EXPECT_EQ(kit->world.swarm().ca, 3);
}

TEST_F(Keys, ANewCaNeedsEveryNode) {
  make(3, false);
  kit->world.power_off("worker-1");
  ASSERT_TRUE(kit->clock.sleep(std::chrono::minutes(1), {}).ok());
  const auto refused = rotate_ca(tools(), managers(), context());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  EXPECT_NE(refused.error().message.find("worker-1 is down"), std::string::npos) << refused.error().message;
  EXPECT_EQ(kit->world.count_of_calls("swarm_rotate"), 0U);
}

TEST_F(Keys, ABackupComesFromAManagerThatDoesNotLead) {
  make(3, false);
  const auto leader = kit->world.swarm().leader;
  const auto source = backup_source(looks(), {});
  ASSERT_TRUE(source.ok()) << source.error().message;
  EXPECT_NE(source.value().facts->swarm.node_id, leader);
  const auto archive = take_backup(tools(), source.value(), managers(), std::chrono::seconds(60), context());
  ASSERT_TRUE(archive.ok()) << archive.error().message;
  EXPECT_EQ(archive.value().size(), ("the raft log of " + kit->world.swarm().id).size() + (40u << 20));
  EXPECT_EQ(kit->world.host(source.value().member.node).archive, "") << "it does not stay on the host";
  EXPECT_EQ(kit->world.host(source.value().member.node).engine->starts, 2);
}

TEST_F(Keys, AManagerThatIsNamedAndDrainedBeforeStaysDrained) {
  make(3, true);
  node("manager-3").availability = "drain";
  const auto source = backup_source(looks(), {});
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(source.value().member.node, "manager-3") << "what runs nothing comes first";
  ASSERT_TRUE(take_backup(tools(), source.value(), managers(), std::chrono::seconds(60), context()).ok());
  EXPECT_EQ(node("manager-3").availability, "drain");
  EXPECT_EQ(kit->world.host("manager-3").local_state, "active") << "it was unlocked";
  EXPECT_EQ(backup_source(looks(), {.node = "manager-2"}).value().member.node, "manager-2");
}

TEST_F(Keys, WhateverBecomesOfTheArchiveTheManagerIsBack) {
  make(3, true);
  kit->world.host("manager-2").fails_to_archive = true;
  const auto source = backup_source(looks(), {.node = "manager-2"});
  ASSERT_TRUE(source.ok()) << source.error().message;
  const auto archive = take_backup(tools(), source.value(), managers(), std::chrono::seconds(60), context());
  EXPECT_FALSE(archive.ok());
  EXPECT_EQ(kit->world.host("manager-2").local_state, "active");
  EXPECT_EQ(node("manager-2").availability, "active");
}

TEST_F(Keys, NoBackupWhereTheControlWouldStopUnlessThatIsAllowed) {
  make(3, false);
  kit->world.power_off("manager-3");
  const auto refused = backup_source(looks(), {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  EXPECT_NE(refused.error().message.find("2 of 3 managers"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(backup_source(looks(), {.allow_outage = true}).ok());
  EXPECT_EQ(backup_source(looks(), {.node = "worker-1", .allow_outage = true}).error().code, ErrorCode::invalid_input);
}

TEST_F(Keys, TheOnlyManagerIsBackedUpWhereAnOutageIsAllowed) {
  make(1, true);
  EXPECT_EQ(backup_source(looks(), {}).error().code, ErrorCode::refused);
  const auto source = backup_source(looks(), {.allow_outage = true});
  ASSERT_TRUE(source.ok()) << source.error().message;
  const auto archive = take_backup(tools(), source.value(), managers(), std::chrono::seconds(60), context());
  EXPECT_TRUE(archive.ok()) << archive.error().message;
  EXPECT_EQ(kit->world.host("manager-1").local_state, "active");
}

TEST(Fitness, WhyAHostCarriesNoTraffic) {
  const auto look_with = [](const std::function<void(Facts&)>& change) {
    Facts facts;
    facts.engine_answers = true;
    facts.swarm = {.state = "active", .node_id = "n1"};
    change(facts);
    return HostLook{.member = {}, .facts = std::make_shared<const Facts>(facts)};
  };
  const auto nothing = [](Facts&) {};
  const std::vector<SwarmNode> ready = {{.id = "n1", .state = "ready"}};
  EXPECT_EQ(why_unfit(look_with(nothing), ready), "");
  EXPECT_EQ(why_unfit(look_with(nothing), {}), "") << "no manager answers: its own word counts";
  EXPECT_EQ(why_unfit({.member = {}, .why = "timed out"}, ready), "cannot be reached (timed out)");
  EXPECT_EQ(why_unfit(look_with([](Facts& facts) { facts.engine_answers = false; }), ready),
            "has no engine that answers");
  EXPECT_EQ(why_unfit(look_with([](Facts& facts) { facts.swarm.state = "locked"; }), {}), "is locked");
  EXPECT_EQ(why_unfit(look_with([](Facts& facts) { facts.swarm.state = "inactive"; }), {}),
            "is in no swarm (inactive)");
  EXPECT_EQ(why_unfit(look_with(nothing), {{.id = "n2", .state = "ready"}}), "is not known to the managers");
  EXPECT_EQ(why_unfit(look_with(nothing), {{.id = "n1", .state = "down"}}), "is down in the swarm");
}

}  // namespace
}  // namespace skep::test
