// What happens to each resource: generations, adoption, recovery, what cannot be read.
#include "planner/engine/draft.h"

#include <gtest/gtest.h>

#include "tests/fakes/plan_kit.h"

namespace skep::test {
namespace {

Result<Plan> plan(const Shape& shape, const State& state) {
  return make_plan(wanted_of(shape), state, kit_schemas(), options_of(shape));
}

TEST(Draft, ApplyThenPlanIsEmpty) {
  Shape shape = shape_of(3, 2);
  shape.has_floating_ip = shape.has_volumes = true;
  const auto again = plan(shape, state_of(shape));
  EXPECT_EQ(changes_text(again), "\n");
  EXPECT_TRUE(again.value().empty());
  EXPECT_TRUE(again.value().known.empty());
}

TEST(Draft, AFieldThatCannotChangeInPlaceReplacesTheWholeNode) {
  const State state = state_of(shape_of(1, 1));
  Shape shape = shape_of(1, 1);
  shape.pools[1].location = "b";
  EXPECT_EQ(changes_text(plan(shape, state)), R"(
± engine/worker-1@2 (worker-1 is replaced)
± server/worker-1@2: location a → b (its location cannot change in place)
± swarm_node/worker-1@2 (worker-1 is replaced)
)");
}

TEST(Draft, WhatTakesEffectNextTimeIsOnlySaid) {
  const State state = state_of(shape_of(1, 0));
  auto wanted = wanted_of(shape_of(1, 0));
  for (auto& resource : wanted)
    if (resource.id.kind == "server") resource.inputs["image"] = "debian-13";
  EXPECT_EQ(changes_text(make_plan(wanted, state, kit_schemas(), {})), R"(
! server/manager-1: image debian-12 → debian-13 takes effect when it is replaced the next time
)");
}

TEST(Draft, ANewerGenerationThatWasBegunIsTheWantedOne) {
  const State before = state_of(shape_of(1, 1));
  Shape shape = shape_of(1, 1);
  shape.pools[1].location = "b";
  const auto whole = plan(shape, before).value();
  State state = before;
  state.open = {
      {.action = StepAction::create, .resource = steps_on(whole, StepAction::create, "server/")[0]->resource}};
  EXPECT_EQ(plan_text(plan(shape, state)), plan_text(whole));
  // Taken back in the meantime: what was begun is gone on with, never a third machine.
  const auto back = plan(shape_of(1, 1), state).value();
  EXPECT_EQ(steps_on(back, StepAction::create, "server/worker-1@2").size(), 1U);
  EXPECT_EQ(steps_on(back, StepAction::destroy, "server/worker-1").size(), 1U);
}

TEST(Draft, WhatWasBegunAndIsWantedIsCreatedAgain) {
  const Shape shape = shape_of(1, 0);
  State state;
  state.open = {{.action = StepAction::create, .resource = wanted_of(shape)[1]}};
  const auto made = plan(shape, state).value();
  ASSERT_EQ(made.changes[1].id, (ResourceId{"network", "main"}));
  EXPECT_EQ(made.changes[1].action, Action::create);
  EXPECT_EQ(made.changes[1].why, "was begun before, is looked for first");
}

TEST(Draft, WhatWasBegunAndIsWantedNoLongerIsDestroyed) {
  State state = state_of(shape_of(1, 0));
  state.open = {{.action = StepAction::create, .resource = wanted_of(shape_of(1, 1))[3]}};
  ASSERT_EQ(state.open[0].resource.id, (ResourceId{"server", "manager-1"}));
  state.open[0].resource = wanted_of(shape_of(1, 1))[4];
  const auto made = plan(shape_of(1, 0), state);
  EXPECT_EQ(changes_text(made), "\n- server/worker-1 (was begun and is wanted no longer)\n");
  EXPECT_FALSE(made.value().steps[0].object.has_value());
}

TEST(Draft, AChangeThatWasInterruptedIsMadeAgain) {
  const Shape shape = shape_of(1, 0);
  State state = state_of(shape);
  state.open = {{.action = StepAction::update, .resource = state.records.at({"engine", "manager-1"}).resource}};
  EXPECT_EQ(changes_text(plan(shape, state)), "\n~ engine/manager-1 (its last change was begun and not finished)\n");
}

TEST(Draft, WhatExistsAlreadyIsAdopted) {
  const Shape shape = shape_of(1, 0);
  State state = state_of(shape);
  const Object server = state.records.at({"server", "manager-1"}).object;
  state.records.erase({"server", "manager-1"});
  state.unrecorded[{"server", "manager-1"}] = server;
  const auto made = plan(shape, state).value();
  const auto created = steps_on(made, StepAction::create, "server/");
  ASSERT_EQ(created.size(), 1U);
  EXPECT_EQ(created[0]->object, server);
}

TEST(Draft, AnAdoptedOneThatCannotBecomeWhatIsWantedIsReplaced) {
  Shape shape = shape_of(1, 0);
  State state;
  state.unrecorded[{"server", "manager-1"}] = {.remote_id = "7", .attributes = {{"location", "elsewhere"}}};
  const auto made = plan(shape, state).value();
  EXPECT_EQ(steps_on(made, StepAction::create, "server/manager-1@2").size(), 1U);
  const auto destroyed = steps_on(made, StepAction::destroy, "server/manager-1");
  ASSERT_EQ(destroyed.size(), 1U);
  EXPECT_EQ(destroyed[0]->object->remote_id, "7");
}

TEST(Draft, AnOrphanOfOursIsDestroyed) {
  State state = state_of(shape_of(1, 0));
  state.unrecorded[{"floating_ip", "lost"}] = {.remote_id = "9"};
  const auto made = plan(shape_of(1, 0), state);
  EXPECT_EQ(changes_text(made), "\n- floating_ip/lost (carries our label, and nothing wants it)\n");
  EXPECT_EQ(made.value().steps[0].resource.driver, "test.floating_ip");
  EXPECT_EQ(made.value().steps[0].object->remote_id, "9");
}

TEST(Draft, WhatCannotBeReadStaysAsRecorded) {
  Shape shape = shape_of(1, 1);
  State state = state_of(shape);
  state.unread[{"engine", "worker-1"}] = "connection refused";
  state.unread[{"swarm_node", "worker-1"}] = "nobody else is asked";  // one reason a node is told
  shape.pools[1].engine = "28";
  EXPECT_EQ(changes_text(plan(shape, state)),
            "\n! worker-1 cannot be read: connection refused; taken as last recorded\n");
}

// Else its machine would be destroyed under it.
TEST(Draft, WhatCannotBeReadStillLeavesWhatIsDestroyed) {
  Shape shape = shape_of(3, 0);
  shape.has_floating_ip = true;
  State state = state_of(shape);
  state.unread[{"floating_ip", "ingress"}] = "503";
  EXPECT_TRUE(steps_on(plan(shape, state).value(), StepAction::update, "floating_ip/").empty());
  shape.pools[0].location = "b";
  const auto made = plan(shape, state).value();
  EXPECT_TRUE(is_before(made, {"server", "manager-1", 2}, {"floating_ip", "ingress"}));
  EXPECT_TRUE(is_before(made, {"floating_ip", "ingress"}, {"server", "manager-1"}));
}

TEST(Draft, WhatCannotBeReadKeepsWhatItStandsOn) {
  Shape shape = shape_of(1, 1);
  shape.has_volumes = shape.hold_volumes = true;
  State state = state_of(shape);
  state.unread[{"server", "worker-1"}] = "503";
  shape.has_volumes = false;
  shape.pools[1].location = "b";  // it cannot let go of the volume in place
  const auto made = plan(shape, state).value();
  EXPECT_TRUE(steps_on(made, StepAction::destroy, "volume/").empty());
  EXPECT_TRUE(steps_on(made, StepAction::create, "server/").empty());
}

// Its machine lets go of the volume, and it need not be asked for that: else that would go while it is mounted.
TEST(Draft, WhatCannotBeReadKeepsNothingThatItsMachineLetsGo) {
  Shape shape = shape_of(1, 1);
  shape.has_volumes = shape.hold_volumes = true;
  State state = state_of(shape);
  state.unread[{"engine", "worker-1"}] = "503";
  shape.has_volumes = false;
  EXPECT_TRUE(is_before(plan(shape, state).value(), {"mount", "worker-1"}, {"server", "worker-1"}));
}

// Its answer was lost and no list can be had: it may be gone already, and nobody joins what goes.
TEST(Draft, OnAMachineThatWasBeingDestroyedNothingIsMadeBeforeItCanBeRead) {
  Shape shape = shape_of(3, 1);
  State state = state_of(shape);
  const ResourceId machine = {"server", "worker-1"};
  state.open.push_back({.action = StepAction::destroy, .resource = state.records.at(machine).resource});
  state.records.erase({"swarm_node", "worker-1"});
  EXPECT_EQ(steps_on(plan(shape, state).value(), StepAction::create, "swarm_node/").size(), 1U);
  state.unread[machine] = "503";
  EXPECT_TRUE(plan(shape, state).value().empty());
}

TEST(Draft, AMachineThatIsOffIsStartedAndWhatIsOnItStays) {
  const Shape shape = shape_of(1, 1);
  State state = state_of(shape);
  state.records.at({"server", "worker-1"}).object.attributes["power"] = "off";
  for (const char* kind : {"engine", "swarm_node"}) state.unread[{kind, "worker-1"}] = "its machine is off";
  EXPECT_EQ(changes_text(plan(shape, state)), R"(
~ server/worker-1: power off → on
! worker-1 cannot be read: its machine is off; taken as last recorded
)");
}

TEST(Draft, WithAMachineThatIsGoneAllThatWasOnItIsMadeAgain) {
  const Shape shape = shape_of(3, 1);
  State state = state_of(shape);
  for (const char* kind : {"server", "engine"}) state.records.erase({kind, "manager-2"});
  for (const char* kind : {"swarm_node", "swarm_manager"}) state.unread[{kind, "manager-2"}] = "its machine is gone";
  const auto made = plan(shape, state);
  EXPECT_EQ(changes_text(made), R"(
+ engine/manager-2
+ server/manager-2
+ swarm_manager/manager-2 (its machine is gone)
+ swarm_node/manager-2 (its machine is gone)
)");
  EXPECT_EQ(made.value().quorum,
            (std::vector<std::string>{"create swarm_manager/manager-2 again: 3 managers up of 3, 2 needed"}));
}

TEST(Draft, WhatIsGoneIsMadeAgainOrForgotten) {
  State state = state_of(shape_of(1, 2));
  for (const char* node : {"worker-1", "worker-2"}) {
    for (const char* kind : {"server", "engine", "swarm_node"}) {
      auto record = state.records.extract({kind, node});
      record.mapped().resource.protect = true;
      state.gone.insert(std::move(record));
    }
  }
  EXPECT_EQ(changes_text(plan(shape_of(1, 1), state)), R"(
+ engine/worker-1 (is no longer there, is made again)
. engine/worker-2 (is no longer there)
+ server/worker-1 (is no longer there, is made again)
. server/worker-2 (is no longer there)
+ swarm_node/worker-1 (is no longer there, is made again)
. swarm_node/worker-2 (is no longer there)
)");
}

// The driver must still learn how the machine was reached, and that nothing runs there any more.
TEST(Draft, WhatALostMachineLeftBehindIsDestroyedWithItsLastKnownHost) {
  State state = state_of(shape_of(1, 1));
  for (const char* kind : {"server", "engine"}) state.records.erase({kind, "worker-1"});
  state.unread[{"swarm_node", "worker-1"}] = "its machine is gone";
  const auto made = plan(shape_of(1, 0), state).value();
  ASSERT_EQ(made.steps.size(), 1U);
  const Json& host = made.steps[0].resource.inputs.at("host");
  EXPECT_EQ(host.at("address"), "address-of-server/worker-1");
  EXPECT_EQ(host.at("power"), "off");
}

TEST(Draft, AnotherProviderReplacesTheNode) {
  const State state = state_of(shape_of(1, 1));
  auto wanted = wanted_of(shape_of(1, 1));
  for (auto& resource : wanted) {
    if (resource.id != ResourceId{"server", "worker-1"}) continue;
    resource.driver = "other.server";
    resource.inputs = {{"location", "moon"}};
  }
  const auto made = make_plan(wanted, state, kit_schemas(), {}).value();
  EXPECT_EQ(made.changes[1].id, (ResourceId{"server", "worker-1", 2}));
  EXPECT_EQ(made.changes[1].why, "its driver changes from test.server to other.server");
}

TEST(Draft, ARecordOfAnUnknownDriverIsRefused) {
  State state;
  state.records[{"server", "old"}] = {.resource = {.id = {"server", "old"}, .driver = "gone.server"}};
  const auto made = make_plan({}, state, kit_schemas(), {});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().message, "server/old was made by the driver \"gone.server\", which this skep does not have");
}

TEST(Draft, ReplaceTakesTheNodeToItsNextGeneration) {
  const Shape shape = shape_of(1, 2);
  PlanOptions options = options_of(shape);
  options.replace = {"worker-*"};
  const auto made = make_plan(wanted_of(shape), state_of(shape), kit_schemas(), options).value();
  EXPECT_EQ(steps_on(made, StepAction::create, "server/worker-1@2").size(), 1U);
  EXPECT_EQ(steps_on(made, StepAction::create, "server/worker-2@2").size(), 1U);
  EXPECT_EQ(steps_on(made, StepAction::create, "server/manager").size(), 0U);
}

TEST(Draft, ReplaceOfNothingIsAMistake) {
  PlanOptions options = options_of(shape_of(1, 1));
  options.replace = {"worker-9"};
  const auto made = make_plan(wanted_of(shape_of(1, 1)), {}, kit_schemas(), options);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().message, "-replace worker-9: nothing has this name");
  EXPECT_EQ(made.error().hint, "did you mean \"worker-1\"?");
}

// A ref to an input that changes in place in the same plan is known already.
TEST(Draft, WhatAnUpdateChangesIsSeenByWhatRefersToIt) {
  std::vector<Resource> wanted = {{.id = {"volume", "a"}, .driver = "test.volume", .inputs = {{"size", 10}}},
                                  {.id = {"volume", "b"},
                                   .driver = "test.volume",
                                   .inputs = {{"size", {{"$ref", "volume/a"}, {"field", "size"}}}},
                                   .needs = {{"volume", "a"}}}};
  State state;
  pretend_apply(make_plan(wanted, state, kit_schemas(), {}).value(), state);
  wanted[0].inputs["size"] = 20;
  EXPECT_EQ(changes_text(make_plan(wanted, state, kit_schemas(), {})),
            "\n~ volume/a: size 10 → 20\n~ volume/b: size 10 → 20\n");
}

TEST(Draft, AChainOfReplacementsIsFollowedInOnePlan) {
  std::vector<Resource> wanted;
  for (int i = 0; i < 50; ++i) {
    const std::string name = "n" + std::to_string(100 + i);
    Resource resource = {.id = {"network", name}, .driver = "test.network", .inputs = {{"range", "x"}}};
    if (i > 0) {
      const ResourceId before = {"network", "n" + std::to_string(99 + i)};
      resource.inputs["range"] = Json::object({{"$ref", to_text(before)}, {"field", "remote_id"}});
      resource.needs = {before};
    }
    wanted.push_back(resource);
  }
  State state;
  pretend_apply(make_plan(wanted, state, kit_schemas(), {}).value(), state);
  wanted[0].inputs["range"] = "y";
  const auto made = make_plan(wanted, state, kit_schemas(), {}).value();
  EXPECT_EQ(steps_on(made, StepAction::create, "network/").size(), 50U);
  EXPECT_EQ(steps_on(made, StepAction::destroy, "network/").size(), 50U);
  pretend_apply(made, state);
  EXPECT_TRUE(make_plan(wanted, state, kit_schemas(), {}).value().empty());
}

}  // namespace
}  // namespace skep::test
