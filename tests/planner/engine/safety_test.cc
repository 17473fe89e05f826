// What a plan refuses, and how it says why.
#include "planner/engine/safety.h"

#include <gtest/gtest.h>

#include "tests/fakes/plan_kit.h"

namespace skep::test {
namespace {

Result<Plan> checked(const Shape& shape, const State& state, PlanOptions options = {}) {
  options.cluster = "test";
  options.node_pools = options_of(shape).node_pools;
  return make_plan(wanted_of(shape), state, kit_schemas(), options);
}

void power_off(State& state, const std::string& node) {
  state.records.at({"server", node}).object.attributes["power"] = "off";
  for (const char* kind : {"engine", "swarm_node", "swarm_manager"})
    if (state.records.contains({kind, node})) state.unread[{kind, node}] = "its machine is off";
}

TEST(Safety, ClustersOfEverySizeCanBeMadeAndGoOnWhereTheyWereCutOff) {
  for (const int size : {1, 3, 5, 7}) {
    for (int standing = 0; standing <= size; ++standing) {
      const auto made = checked(shape_of(size, 0), standing == 0 ? State{} : state_of(shape_of(standing, 0)));
      EXPECT_TRUE(made.ok()) << standing << " of " << size << ": " << made.error().message;
    }
  }
}

TEST(Safety, GrowingAndShrinkingIsProved) {
  const auto grown = checked(shape_of(5, 0), state_of(shape_of(3, 0))).value();
  EXPECT_EQ(grown.quorum, (std::vector<std::string>{"create swarm_manager/manager-4: 4 managers up of 4, 3 needed",
                                                    "create swarm_manager/manager-5: 5 managers up of 5, 3 needed"}));
  const auto shrunk = checked(shape_of(1, 0), state_of(shape_of(3, 0))).value();
  EXPECT_EQ(shrunk.quorum, (std::vector<std::string>{"destroy swarm_manager/manager-2: 2 managers up of 2, 2 needed",
                                                     "destroy swarm_manager/manager-3: 1 manager up of 1, 1 needed"}));
  EXPECT_TRUE(is_before(shrunk, {"swarm_manager", "manager-2"}, {"server", "manager-2"}));
}

// The swarm was begun, and skep ended before it wrote down that the machine is a manager since.
TEST(Safety, AManagerThatIsOnNoRecordYetIsReplacedAsAnyOther) {
  State state = state_of(shape_of(1, 0));
  const auto manager = state.records.extract(ResourceId{"swarm_manager", "manager-1"}).mapped();
  state.unrecorded[manager.resource.id] = manager.object;
  const State others = state_of(shape_of(3, 0));
  for (const char* server : {"manager-2", "manager-3"})
    state.open.push_back({.resource = others.records.at({"server", server}).resource});
  state.unrecorded[{"server", "manager-2"}] = others.records.at({"server", "manager-2"}).object;
  state.open.push_back({.resource = manager.resource});
  Shape moved = shape_of(3, 0);
  moved.pools[0].location = "b";
  const auto made = checked(moved, state);
  ASSERT_TRUE(made.ok()) << made.error().message << plan_text(made);
  EXPECT_TRUE(is_before(made.value(), {"swarm_manager", "manager-1", 2}, {"swarm_manager", "manager-1"}));

  Shape renamed = shape_of(1, 0);
  renamed.pools[0].nodes = {"boss-1"};
  const auto other = checked(renamed, state);
  ASSERT_TRUE(other.ok()) << other.error().message;
  EXPECT_TRUE(is_before(other.value(), {"swarm_manager", "boss-1"}, {"swarm_manager", "manager-1"}));
}

TEST(Safety, RenamingAllManagersAddsBeforeItTakesAway) {
  Shape renamed = shape_of(3, 0);
  renamed.pools[0].nodes = {"boss-1", "boss-2", "boss-3"};
  const auto made = checked(renamed, state_of(shape_of(3, 0)));
  ASSERT_TRUE(made.ok()) << made.error().message;
  for (const char* boss : {"boss-1", "boss-2", "boss-3"})
    EXPECT_TRUE(is_before(made.value(), {"swarm_manager", boss}, {"swarm_manager", "manager-1"}));
}

TEST(Safety, ADeadManagerIsStartedBeforeOthersComeOrGo) {
  State state = state_of(shape_of(3, 0));
  power_off(state, "manager-2");
  const auto made = checked(shape_of(5, 0), state);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_TRUE(is_before(made.value(), {"server", "manager-2"}, {"swarm_manager", "manager-4"}));
  EXPECT_EQ(made.value().quorum[0], "start server/manager-2: 3 managers up of 3, 2 needed");
}

// Its machine was made again: the swarm lists the one before, which nobody can disturb any more.
TEST(Safety, TheEngineOfAManagerThatIsDownMayChange) {
  State state = state_of(shape_of(3, 0));
  state.records.at({"swarm_manager", "manager-3"}).object.attributes["state"] = "down";
  state.records.erase({"swarm_node", "manager-3"});
  Shape upgraded = shape_of(3, 0);
  upgraded.pools[0].engine = "28";
  const auto made = checked(upgraded, state);
  ASSERT_TRUE(made.ok()) << made.error().message;
  for (const char* engine : {"manager-1", "manager-2"})
    EXPECT_TRUE(is_before(made.value(), {"swarm_manager", "manager-3"}, {"engine", engine})) << engine;
}

TEST(Safety, AHealthyManagerIsNotTakenWhileAnotherOneIsDead) {
  State state = state_of(shape_of(3, 0));
  state.unread[{"swarm_manager", "manager-1"}] = "no route to host";
  const auto made = checked(shape_of(1, 0), state);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, ErrorCode::refused);
  EXPECT_EQ(made.error().message, "destroy swarm_manager/manager-2: it would leave 1 manager up of 2, 2 needed");
}

TEST(Safety, AnUpgradeOfTheOnlyManagerIsSaid) {
  Shape shape = shape_of(1, 0);
  const State state = state_of(shape);
  shape.pools[0].engine = "28";
  EXPECT_EQ(checked(shape, state).value().warnings,
            std::vector<std::string>{"update engine/manager-1: the control plane does not answer meanwhile; running "
                                     "tasks go on"});
}

TEST(Safety, AMachineMayNotGoBeforeItsManagerIsDemoted) {
  // A driver whose managers do not say what they stand on: the machine would be pulled away from under one.
  State state = state_of(shape_of(3, 0));
  Resource& manager = state.records.at({"swarm_manager", "manager-3"}).resource;
  manager.inputs.erase("host");
  manager.needs.clear();
  Resource& node = state.records.at({"swarm_node", "manager-3"}).resource;
  node.inputs.erase("host");
  node.needs.clear();
  Shape shape = shape_of(3, 0);
  shape.pools[0].nodes = {"manager-1", "manager-2"};
  const auto made = checked(shape, state);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("destroy server/manager-3: swarm_manager/manager-3 on it would not be demoted"),
            std::string::npos)
      << made.error().message;
}

TEST(Safety, DestroyingTheWholeSwarmNeedsNoQuorum) {
  State state = state_of(shape_of(3, 1));
  power_off(state, "manager-1");
  power_off(state, "manager-2");
  EXPECT_TRUE(make_plan({}, state, kit_schemas(), {}).ok());
}

// The first try ended the swarm, and could not destroy one machine.
TEST(Safety, WhatIsLeftOfASwarmThatEndedNeedsNoQuorum) {
  State state = state_of(shape_of(3, 1));
  state.records.erase({"swarm", "main"});
  for (const char* node : {"manager-1", "manager-2", "worker-1"})
    for (const char* kind : {"server", "engine", "swarm_node", "swarm_manager"}) state.records.erase({kind, node});
  for (const char* kind : {"engine", "swarm_node", "swarm_manager"}) state.unread[{kind, "manager-3"}] = "no answer";
  const auto made = checked(Shape{}, state);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(steps_on(made.value(), StepAction::destroy, "server/manager-3").size(), 1U);
}

TEST(Safety, AllThatIsProtectedIsNamed) {
  Shape shape = shape_of(1, 2);
  shape.pools[1].protect = true;
  const State state = state_of(shape);
  shape.pools[1].nodes.clear();
  const auto made = checked(shape, state);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, ErrorCode::refused);
  EXPECT_EQ(made.error().message,
            "the plan is refused:\n  destroy server/worker-1: it is protected\n  destroy server/worker-2: it is "
            "protected");
  PlanOptions allowed;
  allowed.allow_protected = true;
  EXPECT_TRUE(checked(shape, state, allowed).ok());
}

TEST(Safety, WhatCannotBecomeAsWantedIsRefusedBeforeAnythingIsTried) {
  Shape shape = shape_of(1, 2);
  shape.has_volumes = true;
  State state = state_of(shape);
  state.records.at({"volume", "worker-1"}).object.attributes["size"] = 20;
  const auto made = checked(shape, state);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, ErrorCode::refused);
  EXPECT_EQ(made.error().message, "volume/worker-1: its size can only grow: 20 → 10");
  PlanOptions others;
  others.except = {"volume/worker-1"};
  EXPECT_TRUE(checked(shape, state, others).ok());
}

TEST(Safety, LostDataIsSaid) {
  Shape shape = shape_of(1, 1);
  shape.has_volumes = true;
  const State state = state_of(shape);
  EXPECT_EQ(make_plan({}, state, kit_schemas(), {}).value().warnings,
            std::vector<std::string>{"the data of volume/worker-1 is lost: it is destroyed"});
}

}  // namespace
}  // namespace skep::test
