// Which step waits for which: needs, the other way round for what goes, and what is only forgotten.
#include "planner/engine/order.h"

#include <gtest/gtest.h>

#include "tests/fakes/plan_kit.h"

namespace skep::test {
namespace {

Result<Plan> ordered(const Shape& shape, const State& state) {
  return make_plan(wanted_of(shape), state, kit_schemas(), options_of(shape));
}

TEST(Order, WhatIsNeededComesFirst) {
  EXPECT_EQ(plan_text(ordered(shape_of(1, 1), {})), R"(
+ network/main
+ server/manager-1          after network/main
+ engine/manager-1          after server/manager-1
+ server/worker-1           after network/main
+ engine/worker-1           after server/worker-1
+ swarm/main                after engine/manager-1
+ swarm_node/manager-1      after server/manager-1, engine/manager-1, swarm/main
+ swarm_manager/manager-1   after server/manager-1, swarm_node/manager-1
+ swarm_node/worker-1       after server/worker-1, engine/worker-1, swarm/main
)");
}

// The first one is a manager from the swarm's beginning, and is written down as one before anything else.
TEST(Order, AllManagersJoinBeforeTheFirstIsPromoted) {
  const auto made = ordered(shape_of(3, 0), {}).value();
  EXPECT_TRUE(is_before(made, {"swarm_node", "manager-1"}, {"swarm_manager", "manager-1"}));
  EXPECT_FALSE(is_before(made, {"swarm_node", "manager-2"}, {"swarm_manager", "manager-1"}));
  for (const char* promoted : {"manager-2", "manager-3"})
    for (const char* joined : {"manager-1", "manager-2", "manager-3"})
      EXPECT_TRUE(is_before(made, {"swarm_node", joined}, {"swarm_manager", promoted})) << joined << " " << promoted;
  EXPECT_EQ(made.pools.at("membership"), 1U);
}

TEST(Order, ANodeLeavesBeforeItsMachineGoesAndItsEngineIsForgotten) {
  const State state = state_of(shape_of(3, 2));
  Shape shape = shape_of(3, 2);
  shape.pools[1].nodes = {"worker-2"};  // out of the middle: exactly this one
  EXPECT_EQ(plan_text(ordered(shape, state)), R"(
- swarm_node/worker-1
- server/worker-1           after swarm_node/worker-1
. engine/worker-1           after swarm_node/worker-1, server/worker-1
)");
}

TEST(Order, WhatVanishesWithTheMachinesIsForgottenWhenAllGoes) {
  Shape shape = shape_of(1, 1);
  shape.has_floating_ip = true;
  EXPECT_EQ(plan_text(make_plan({}, state_of(shape), kit_schemas(), options_of(shape))), R"(
- floating_ip/ingress
- server/manager-1          after floating_ip/ingress
. engine/manager-1          after server/manager-1
- server/worker-1
. engine/worker-1           after server/worker-1
- network/main              after server/manager-1, server/worker-1
. swarm/main                after server/manager-1, server/worker-1
. swarm_manager/manager-1   after swarm/main
. swarm_node/manager-1      after swarm/main
. swarm_node/worker-1       after swarm/main
)");
}

TEST(Order, AVolumeIsUnmountedBeforeItIsTakenFromARunningMachine) {
  Shape shape = shape_of(1, 1);
  shape.has_volumes = true;
  const State state = state_of(shape);
  shape.pools[1].nodes.clear();
  EXPECT_EQ(plan_text(ordered(shape, state)), R"(
- swarm_node/worker-1
- engine/worker-1           after swarm_node/worker-1
- mount/worker-1            after engine/worker-1
- volume/worker-1           after mount/worker-1
- server/worker-1           after swarm_node/worker-1, engine/worker-1, mount/worker-1, volume/worker-1
)");
}

// As after a run that was cut off when it had taken the engine from the old machine, and the new one stood.
TEST(Order, WhatIsGoneDoesNotHoldUpTheRest) {
  Shape shape = shape_of(1, 1);
  shape.has_volumes = true;
  State state = state_of(shape);
  state.records.erase({"swarm_node", "worker-1"});
  state.gone.insert(state.records.extract({"engine", "worker-1"}));
  Record newer = state.records.at({"server", "worker-1"});
  newer.resource.id.generation = 2;
  newer.object.remote_id = "newer";
  state.records[newer.resource.id] = newer;
  const auto made = ordered(shape, state).value();
  EXPECT_TRUE(is_before(made, {"mount", "worker-1"}, {"volume", "worker-1"}));
  EXPECT_TRUE(is_before(made, {"volume", "worker-1"}, {"server", "worker-1"}));
}

Shape one_worker_with_a_volume() {
  Shape shape = shape_of(1, 1);
  shape.has_volumes = shape.hold_volumes = true;
  return shape;
}

TEST(Order, AVolumeIsUnmountedBeforeItIsDetachedAlsoWhenTheEngineChanges) {
  Shape shape = one_worker_with_a_volume();
  const State state = state_of(shape);
  shape.has_volumes = false;
  shape.pools[1].engine = "28";
  EXPECT_EQ(plan_text(ordered(shape, state)), R"(
~ engine/worker-1
- mount/worker-1            after engine/worker-1
~ server/worker-1           after mount/worker-1
- volume/worker-1           after mount/worker-1, server/worker-1
)");
}

TEST(Order, WhatIsOnAMachineThatIsOffWaitsUntilItIsOn) {
  Shape shape = one_worker_with_a_volume();
  State state = state_of(shape);
  state.records.at({"server", "worker-1"}).object.attributes["power"] = "off";
  shape.has_volumes = false;
  EXPECT_TRUE(is_before(ordered(shape, state).value(), {"server", "worker-1"}, {"mount", "worker-1"}));
}

TEST(Order, WhatIsOnAMachineThatIsOffGoesWithIt) {
  Shape shape = shape_of(1, 1);
  shape.has_volumes = true;
  State state = state_of(shape);
  state.records.at({"server", "worker-1"}).object.attributes["power"] = "off";
  shape.pools[1].nodes.clear();
  const auto made = ordered(shape, state).value();
  EXPECT_TRUE(steps_on(made, StepAction::destroy, "mount/").empty());
  EXPECT_TRUE(steps_on(made, StepAction::destroy, "engine/").empty());
}

// Whether it says so itself, or the intent that made it is all that is known.
TEST(Order, WhatIsAdoptedLetsGoOfWhatIsDestroyed) {
  Shape shape = one_worker_with_a_volume();
  const State whole = state_of(shape);
  const Record server = whole.records.at({"server", "worker-1"});
  shape.has_volumes = false;
  for (const bool is_reported : {true, false}) {
    SCOPED_TRACE(is_reported);
    State state = whole;
    for (const char* kind : {"server", "mount", "engine", "swarm_node"}) state.records.erase({kind, "worker-1"});
    state.unrecorded[server.resource.id] = server.object;
    if (!is_reported) state.unrecorded[server.resource.id].attributes.erase("volumes");
    if (!is_reported) state.open = {{StepAction::create, server.resource}};
    EXPECT_TRUE(is_before(ordered(shape, state).value(), {"server", "worker-1"}, {"volume", "worker-1"}));
  }
}

// A swarm that may have begun, and that nobody was told of: what it may have begun on, and goes, goes before it is
// looked for. Else it would be found, used, and destroyed with that machine.
TEST(Order, ASwarmIsLookedForWhenTheMachineItMayHaveBegunOnIsGone) {
  for (const bool is_replaced : {true, false}) {
    Shape shape = shape_of(3, 0);
    const State all = state_of(shape);
    State state = all;
    std::erase_if(state.records, [](const auto& entry) { return entry.first.kind.starts_with("swarm"); });
    state.open = {{StepAction::create, all.records.at({"swarm", "main"}).resource}};
    if (is_replaced)
      shape.pools[0].location = "b";
    else
      shape.pools[0].nodes = {"manager-2", "manager-3"};
    const auto made = make_plan(wanted_of(shape), state, kit_schemas(), options_of(shape)).value();
    EXPECT_TRUE(is_before(made, {"server", "manager-1"}, {"swarm", "main"})) << plan_text(made);
  }
}

TEST(Order, AVolumeGoesAfterAMachineThatWasAboutToGetIt) {
  Shape shape = shape_of(1, 1);
  shape.has_volumes = shape.hold_volumes = true;
  State state = state_of(shape);
  Record& server = state.records.at({"server", "worker-1"});
  state.open.push_back({.action = StepAction::update, .resource = server.resource});
  std::erase(server.resource.needs, ResourceId{"volume", "worker-1"});
  server.resource.inputs["volumes"] = server.applied["volumes"] = Json::array();
  server.object.attributes["volumes"] = Json::array();
  state.records.erase({"mount", "worker-1"});
  EXPECT_TRUE(is_before(ordered(shape_of(1, 0), state).value(), {"server", "worker-1"}, {"volume", "worker-1"}));
}

TEST(Order, AVolumeGoesAfterAMachineThatReportsIt) {
  Shape shape = shape_of(1, 1);
  shape.has_volumes = shape.hold_volumes = true;
  State state = state_of(shape);
  Record& server = state.records.at({"server", "worker-1"});
  std::erase(server.resource.needs, ResourceId{"volume", "worker-1"});
  server.resource.inputs["volumes"] = server.applied["volumes"] = Json::array();
  ASSERT_FALSE(server.object.attributes.at("volumes").empty());
  state.records.erase({"mount", "worker-1"});
  EXPECT_TRUE(is_before(ordered(shape_of(1, 0), state).value(), {"server", "worker-1"}, {"volume", "worker-1"}));
}

TEST(Order, AFloatingAddressMovesBeforeItsMachineGoes) {
  Shape shape = shape_of(3, 0);
  shape.has_floating_ip = true;
  State state = state_of(shape);
  Shape fewer = shape;
  fewer.pools[0].nodes = {"manager-3"};
  const auto made = ordered(fewer, state).value();
  EXPECT_TRUE(is_before(made, {"floating_ip", "ingress"}, {"server", "manager-1"}));
  EXPECT_TRUE(is_before(made, {"floating_ip", "ingress"}, {"swarm_node", "manager-1"}));  // before it is drained
}

TEST(Order, AResourceWithoutNodeIsReplacedBetweenItsUsers) {
  const ResourceId one = {"network", "one"};
  std::vector<Resource> wanted = {{.id = one, .driver = "test.network", .inputs = {{"range", "10.1.0.0/16"}}},
                                  {.id = {"floating_ip", "a"},
                                   .driver = "test.floating_ip",
                                   .inputs = {{"server", {{"$ref", "network/one"}, {"field", "remote_id"}}}},
                                   .needs = {one}}};
  State state;
  pretend_apply(make_plan(wanted, state, kit_schemas(), {}).value(), state);
  wanted[0].inputs["range"] = "10.2.0.0/16";
  EXPECT_EQ(plan_text(make_plan(wanted, state, kit_schemas(), {})), R"(
+ network/one@2
~ floating_ip/a             after network/one@2
- network/one               after floating_ip/a
)");
}

TEST(Order, NeedsThatGoInACircleAreABug) {
  const std::vector<Resource> wanted = {
      {.id = {"network", "a"}, .driver = "test.network", .needs = {{"network", "b"}}},
      {.id = {"network", "b"}, .driver = "test.network", .needs = {{"network", "a"}}}};
  const auto made = make_plan(wanted, {}, kit_schemas(), {});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, ErrorCode::internal);
}

TEST(Order, TheSameInputGivesTheSamePlan) {
  Shape shape = shape_of(3, 5);
  shape.has_floating_ip = true;
  const State state = state_of(shape);
  shape.pools[0].location = "b";
  shape.pools[1].engine = "28";
  EXPECT_EQ(ordered(shape, state).value(), ordered(shape, state).value());
  auto shuffled = wanted_of(shape);
  std::reverse(shuffled.begin(), shuffled.end());
  EXPECT_EQ(make_plan(shuffled, state, kit_schemas(), options_of(shape)).value(), ordered(shape, state).value());
}

}  // namespace
}  // namespace skep::test
