// In which waves nodes are replaced and disturbed, and how a rollout that was cut off goes on.
#include "planner/engine/rollout.h"

#include <gtest/gtest.h>

#include "tests/fakes/plan_kit.h"

namespace skep::test {
namespace {

Result<Plan> plan(const Shape& shape, const State& state, RolloutSpec rollout = {}) {
  PlanOptions options = options_of(shape);
  options.rollout = rollout;
  return make_plan(wanted_of(shape), state, kit_schemas(), options);
}

// Every state that a plan passes through, step after step.
std::vector<State> states_along(const Plan& plan, State state) {
  std::vector<State> states = {state};
  for (const Step& step : plan.steps) {
    Plan one = {.steps = {step}};
    one.steps[0].id = 0;
    one.steps[0].after.clear();
    pretend_apply(one, state);
    states.push_back(state);
  }
  return states;
}

std::size_t count_of_kind(const State& state, const std::string& kind) {
  return static_cast<std::size_t>(
      std::count_if(state.records.begin(), state.records.end(), [&](const auto& r) { return r.first.kind == kind; }));
}

TEST(Rollout, AManagerIsReplacedByANewOneThatStandsFirst) {
  const State state = state_of(shape_of(1, 0));
  Shape shape = shape_of(1, 0);
  shape.pools[0].location = "b";
  EXPECT_EQ(plan_text(plan(shape, state)), R"(
+ server/manager-1@2
+ engine/manager-1@2        after server/manager-1@2
+ swarm_node/manager-1@2    after server/manager-1@2, engine/manager-1@2
+ swarm_manager/manager-1@2 after server/manager-1@2, swarm_node/manager-1@2
- swarm_manager/manager-1   after swarm_manager/manager-1@2
- swarm_node/manager-1      after swarm_manager/manager-1
- server/manager-1          after swarm_manager/manager-1, swarm_node/manager-1
. engine/manager-1          after swarm_node/manager-1, server/manager-1
)");
}

TEST(Rollout, ThreeManagersAreReplacedOneAfterTheOther) {
  const State before = state_of(shape_of(3, 0));
  Shape shape = shape_of(3, 0);
  shape.pools[0].location = "b";
  const auto made = plan(shape, before).value();
  for (const auto& state : states_along(made, before)) {
    EXPECT_GE(count_of_kind(state, "swarm_manager"), 3U);
    EXPECT_LE(count_of_kind(state, "server"), 4U);
  }
  EXPECT_TRUE(is_before(made, {"server", "manager-1"}, {"server", "manager-2", 2}));
  EXPECT_TRUE(is_before(made, {"server", "manager-2"}, {"server", "manager-3", 2}));
}

// Cut off after every step, planned again: still one at a time, what is in flight first, until nothing is left.
TEST(Rollout, ARolloutThatWasCutOffGoesOnWithoutMemory) {
  const State before = state_of(shape_of(3, 2));
  Shape shape = shape_of(3, 2);
  shape.pools[0].location = shape.pools[1].location = "b";
  const auto whole = plan(shape, before).value();
  for (State state : states_along(whole, before)) {
    const auto rest = plan(shape, state);
    ASSERT_TRUE(rest.ok()) << rest.error().message;
    for (const auto& later : states_along(rest.value(), state)) {
      EXPECT_GE(count_of_kind(later, "swarm_manager"), 3U);
      EXPECT_LE(count_of_kind(later, "server"), 7U);  // one more manager and one more worker
      state = later;
    }
    EXPECT_TRUE(plan(shape, state).value().empty());
  }
}

// Wanted otherwise while it is under way: what was made for nothing goes before more is made.
TEST(Rollout, ARolloutThatIsTurnedBackNeedsNoMoreMachines) {
  const Shape shape = shape_of(3, 2);
  Shape other = shape;
  other.pools[0].location = other.pools[1].location = "b";
  const State before = state_of(shape);
  for (State state : states_along(plan(other, before).value(), before)) {
    const auto back = plan(shape, state);
    ASSERT_TRUE(back.ok()) << back.error().message;
    for (const auto& later : states_along(back.value(), state)) {
      EXPECT_GE(count_of_kind(later, "swarm_manager"), 3U);
      EXPECT_LE(count_of_kind(later, "server"), 7U);
      state = later;
    }
    EXPECT_TRUE(plan(shape, state).value().empty());
  }
}

TEST(Rollout, ManagersWhoseMachinesMoveBeforeTheyAreAnyComeOneAfterTheOther) {
  Shape shape = shape_of(5, 0);
  State state = state_of(shape);
  std::erase_if(state.records, [](const auto& entry) { return entry.first.kind == "swarm_manager"; });
  shape.pools[0].location = "b";
  const auto made = plan(shape, state);
  ASSERT_TRUE(made.ok()) << made.error().message;
  const auto managers = steps_on(made.value(), StepAction::create, "swarm_manager/");
  ASSERT_EQ(managers.size(), 5U);
  for (std::size_t i = 1; i < managers.size(); ++i)
    EXPECT_TRUE(is_before(made.value(), managers[i - 1]->resource.id, managers[i]->resource.id));
}

TEST(Rollout, WithoutSurgeTheOldWorkerGoesFirst) {
  const State state = state_of(shape_of(1, 2));
  Shape shape = shape_of(1, 2);
  shape.pools[1].location = "b";
  EXPECT_EQ(plan_text(plan(shape, state, {.max_surge = {0, false}})), R"(
- swarm_node/worker-1
- server/worker-1           after swarm_node/worker-1
. engine/worker-1           after swarm_node/worker-1, server/worker-1
+ server/worker-1@2         after server/worker-1
+ engine/worker-1@2         after server/worker-1@2
+ swarm_node/worker-1@2     after server/worker-1@2, engine/worker-1@2
- swarm_node/worker-2       after swarm_node/worker-1@2
- server/worker-2           after swarm_node/worker-2
. engine/worker-2           after swarm_node/worker-2, server/worker-2
+ server/worker-2@2         after server/worker-2
+ engine/worker-2@2         after server/worker-2@2
+ swarm_node/worker-2@2     after server/worker-2@2, engine/worker-2@2
)");
}

TEST(Rollout, AVolumeIsOnOneMachineAtATime) {
  Shape shape = shape_of(1, 1);
  shape.has_volumes = shape.hold_volumes = true;
  const State state = state_of(shape);
  shape.pools[1].location = "b";
  const auto made = plan(shape, state).value();
  EXPECT_TRUE(is_before(made, {"server", "worker-1"}, {"server", "worker-1", 2}));
  EXPECT_TRUE(steps_on(made, StepAction::destroy, "volume").empty());
}

// A volume that names its machine cannot leave the old one before the new one stands: neither can go first as a whole.
TEST(Rollout, AVolumeIsHandedOverOneMachineAfterTheOther) {
  Shape shape = shape_of(1, 2);
  shape.has_volumes = true;
  const State state = state_of(shape);
  shape.pools[1].location = "b";
  for (const int surge : {0, 1}) {
    SCOPED_TRACE(surge);
    EXPECT_EQ(plan_text(plan(shape, state, {.max_surge = {surge, false}})), R"(
+ server/worker-1@2
- swarm_node/worker-1       after server/worker-1@2
- engine/worker-1           after swarm_node/worker-1
- mount/worker-1            after engine/worker-1
~ volume/worker-1           after server/worker-1@2, swarm_node/worker-1, mount/worker-1
+ mount/worker-1@2          after server/worker-1@2, volume/worker-1
+ engine/worker-1@2         after server/worker-1@2, mount/worker-1@2
- server/worker-1           after swarm_node/worker-1, engine/worker-1, mount/worker-1, volume/worker-1
+ swarm_node/worker-1@2     after server/worker-1@2, swarm_node/worker-1, engine/worker-1@2
+ server/worker-2@2         after server/worker-1, swarm_node/worker-1@2
- swarm_node/worker-2       after server/worker-2@2
- engine/worker-2           after swarm_node/worker-2
- mount/worker-2            after engine/worker-2
~ volume/worker-2           after server/worker-2@2, swarm_node/worker-2, mount/worker-2
+ mount/worker-2@2          after server/worker-2@2, volume/worker-2
+ engine/worker-2@2         after server/worker-2@2, mount/worker-2@2
- server/worker-2           after swarm_node/worker-2, engine/worker-2, mount/worker-2, volume/worker-2
+ swarm_node/worker-2@2     after server/worker-2@2, swarm_node/worker-2, engine/worker-2@2
)");
  }
}

TEST(Rollout, AVolumeWhoseCreationWasBegunIsHandedOverAsWell) {
  Shape shape = shape_of(1, 2);
  shape.has_volumes = true;
  State state = state_of(shape);
  const ResourceId volume = {"volume", "worker-2"};
  for (const char* kind : {"swarm_node", "engine", "mount"}) state.records.erase({kind, "worker-2"});
  state.open = {{StepAction::create, state.records.at(volume).resource}};
  state.records.erase(volume);
  shape.pools[1].location = "b";
  const auto made = plan(shape, state).value();
  EXPECT_TRUE(is_before(made, {"server", "worker-1"}, {"server", "worker-2", 2}));
}

TEST(Rollout, DisruptiveUpdatesGoNodeByNode) {
  const State state = state_of(shape_of(3, 4));
  Shape shape = shape_of(3, 4);
  shape.pools[0].engine = shape.pools[1].engine = "28";
  const auto made = plan(shape, state, {.max_unavailable = {50, true}});
  EXPECT_EQ(plan_text(made), R"(
~ engine/manager-1
~ engine/manager-2          after engine/manager-1
~ engine/manager-3          after engine/manager-2
~ engine/worker-1           after engine/manager-3
~ engine/worker-2           after engine/worker-1
~ engine/worker-3           after engine/worker-1
~ engine/worker-4           after engine/worker-2
)");
  EXPECT_EQ(made.value().pools, (std::map<std::string, std::uint32_t>{{"membership", 1}, {"rolling:worker", 2}}));
  const auto updates = steps_on(made.value(), StepAction::update, "engine/");
  EXPECT_EQ(updates[0]->resource.pool, "membership");
  EXPECT_EQ(updates[3]->resource.pool, "rolling:worker");
}

// Its old machine waits for nothing any more, so that is not what the next one waits for.
TEST(Rollout, ANodeThatLeftTheSwarmAlreadyHasItsTurnAllTheSame) {
  Shape shape = shape_of(3, 0);
  State state = state_of(shape);
  for (const char* kind : {"swarm_node", "swarm_manager"}) {
    auto record = state.records.extract({kind, "manager-2"});
    state.gone.insert(std::move(record));
  }
  shape.pools[0].location = "b";
  const auto made = plan(shape, state).value();
  EXPECT_TRUE(is_before(made, {"server", "manager-1"}, {"server", "manager-2", 2}));
  EXPECT_TRUE(is_before(made, {"swarm_manager", "manager-2", 2}, {"server", "manager-3", 2}));
}

TEST(Rollout, AllNodesArePreparedBeforeTheFirstIsDisturbed) {
  const State state = state_of(shape_of(3, 2));
  Shape shape = shape_of(3, 2);
  shape.pools[0].engine = shape.pools[1].engine = "28";
  const auto made = plan(shape, state).value();
  const auto prepared = steps_on(made, StepAction::prepare, "engine/");
  const auto updates = steps_on(made, StepAction::update, "engine/");
  ASSERT_EQ(prepared.size(), 5U);
  ASSERT_EQ(updates.size(), 5U);
  for (const Step* step : prepared) {
    EXPECT_TRUE(step->after.empty());
    EXPECT_EQ(step->resource.pool, "");
    EXPECT_TRUE(step->object.has_value());
    EXPECT_NE(std::ranges::find(updates[0]->after, step->id), updates[0]->after.end());
  }
  for (std::size_t i = 0; i < made.steps.size(); ++i) {
    EXPECT_EQ(made.steps[i].id, i);
    for (const StepId before : made.steps[i].after) EXPECT_LT(before, i);
  }
}

TEST(Rollout, EachPoolIsPreparedBeforeItsFirstNodeAndNothingElseWaitsForThat) {
  const State state = state_of(shape_of(1, 2));
  Shape shape = shape_of(1, 3);
  shape.pools[1].engine = "28";
  const auto made = plan(shape, state).value();
  EXPECT_EQ(steps_on(made, StepAction::prepare, "").size(), 2U);  // worker-3 is new
  for (const Step* step : steps_on(made, StepAction::create, "")) {
    for (const StepId before : step->after) EXPECT_NE(made.steps[before].action, StepAction::prepare);
  }
}

TEST(Rollout, AFloatingIpLeavesItsNodeForOneThatHadItsTurn) {
  Shape shape = shape_of(3, 0);
  shape.has_floating_ip = true;  // on manager-1
  const State state = state_of(shape);
  shape.pools[0].engine = "28";
  EXPECT_EQ(plan_text(plan(shape, state)), R"(
~ engine/manager-2
~ engine/manager-3          after engine/manager-2
~ floating_ip/ingress       after engine/manager-2
~ engine/manager-1          after engine/manager-3, floating_ip/ingress
)");
}

TEST(Rollout, AFloatingIpStaysWhereItsNodeIsNotDisturbed) {
  Shape shape = shape_of(3, 1);
  shape.has_floating_ip = true;
  const State state = state_of(shape);
  shape.pools[1].engine = "28";
  EXPECT_EQ(plan_text(plan(shape, state)), "\n~ engine/worker-1\n");
}

TEST(Rollout, AFloatingIpIsElsewhereBeforeItsNodeIsDrainedForGood) {
  Shape shape = shape_of(3, 0);
  shape.has_floating_ip = true;  // on manager-1
  const State state = state_of(shape);
  shape.pools[0].location = "b";
  const auto made = plan(shape, state).value();
  EXPECT_TRUE(is_before(made, {"floating_ip", "ingress"}, {"swarm_manager", "manager-1"}));
  EXPECT_TRUE(is_before(made, {"swarm_manager", "manager-1", 2}, {"floating_ip", "ingress"}));
}

TEST(Rollout, AFloatingIpGoesToANewMachineOnlyWhenThatIsInTheSwarm) {
  Shape shape = shape_of(3, 0);
  shape.has_floating_ip = true;
  State state = state_of(shape);
  // It is on manager-2 by now, and all three are replaced.
  auto& address = state.records.at({"floating_ip", "ingress"});
  address.object.attributes["server"] = state.records.at({"server", "manager-2"}).object.remote_id;
  std::ranges::replace(address.resource.needs, ResourceId{"server", "manager-1"}, ResourceId{"server", "manager-2"});
  shape.pools[0].location = "b";
  const auto made = plan(shape, state).value();
  EXPECT_TRUE(is_before(made, {"swarm_manager", "manager-1", 2}, {"floating_ip", "ingress"}));
  EXPECT_TRUE(is_before(made, {"floating_ip", "ingress"}, {"swarm_manager", "manager-2"}));
}

TEST(Rollout, AFloatingIpOfAPoolOfOneStaysAndThePlanSaysSo) {
  Shape shape = shape_of(1, 0);
  shape.has_floating_ip = true;
  const State state = state_of(shape);
  shape.pools[0].engine = "28";
  const auto made = plan(shape, state);
  EXPECT_EQ(plan_text(made), "\n~ engine/manager-1\n");
  const auto& warnings = made.value().warnings;
  EXPECT_NE(std::ranges::find(warnings, "floating_ip/ingress stays on manager-1, which is out of service for a while"),
            warnings.end());
}

TEST(Rollout, TheLeaderHasItsTurnAfterTheOtherManagers) {
  State state = state_of(shape_of(3, 0));
  state.records.at({"swarm_node", "manager-1"}).object.attributes["leader"] = true;
  Shape shape = shape_of(3, 0);
  shape.pools[0].engine = "28";
  EXPECT_EQ(plan_text(plan(shape, state)), R"(
~ engine/manager-2
~ engine/manager-3          after engine/manager-2
~ engine/manager-1          after engine/manager-3
)");
}

TEST(Rollout, TheFirstNodeOfAPoolGoesAlone) {
  const State state = state_of(shape_of(1, 8));
  Shape shape = shape_of(1, 8);
  shape.pools[1].engine = "28";
  const auto made = plan(shape, state, {.max_unavailable = {3, false}}).value();
  for (int n = 2; n <= 8; ++n)
    EXPECT_TRUE(is_before(made, {"engine", "worker-1"}, {"engine", "worker-" + std::to_string(n)})) << n;
  EXPECT_FALSE(is_before(made, {"engine", "worker-2"}, {"engine", "worker-4"}));
  EXPECT_TRUE(is_before(made, {"engine", "worker-2"}, {"engine", "worker-5"}));
}

TEST(Rollout, InstallingIsNotRationed) {
  const auto made = plan(shape_of(3, 4), {}).value();
  for (const Step* step : steps_on(made, StepAction::create, "engine/")) EXPECT_EQ(step->resource.pool, "");
  EXPECT_FALSE(made.pools.contains("rolling:worker"));
}

TEST(Rollout, SharesAreRoundedDownAndNeverNothing) {
  for (int percent = 1; percent <= 100; ++percent) {
    std::uint32_t last = 1;
    for (std::size_t count = 1; count <= 200; ++count) {
      const auto batch = batch_size({percent, true}, count);
      EXPECT_GE(batch, last);
      EXPECT_LE(batch, count);
      last = batch;
    }
  }
  EXPECT_EQ(batch_size({25, true}, 10), 2U);
  EXPECT_EQ(batch_size({3, false}, 2), 3U);
}

TEST(Rollout, ADeadManagerIsReplacedFirst) {
  Shape shape = shape_of(5, 0);
  State state = state_of(shape);
  state.records.at({"server", "manager-3"}).object.attributes["power"] = "off";
  for (const char* kind : {"engine", "swarm_node", "swarm_manager"})
    state.unread[{kind, "manager-3"}] = "its machine is off";
  shape.pools[0].location = "b";
  const auto made = plan(shape, state);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_TRUE(is_before(made.value(), {"swarm_manager", "manager-3"}, {"swarm_manager", "manager-3", 2}));
  EXPECT_TRUE(is_before(made.value(), {"swarm_manager", "manager-3", 2}, {"server", "manager-1", 2}));
}

TEST(Rollout, ADeadManagerGoesBeforeItsSuccessorComes) {
  State state = state_of(shape_of(3, 0));
  state.records.at({"server", "manager-2"}).object.attributes["power"] = "off";
  for (const char* kind : {"engine", "swarm_node", "swarm_manager"})
    state.unread[{kind, "manager-2"}] = "its machine is off";
  PlanOptions options = options_of(shape_of(3, 0));
  options.replace = {"manager-2"};
  const auto made = make_plan(wanted_of(shape_of(3, 0)), state, kit_schemas(), options);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_TRUE(is_before(made.value(), {"swarm_manager", "manager-2"}, {"swarm_manager", "manager-2", 2}));
  EXPECT_EQ(made.value().quorum,
            (std::vector<std::string>{"destroy swarm_manager/manager-2: 2 managers up of 2, 2 needed",
                                      "create swarm_manager/manager-2@2: 3 managers up of 3, 2 needed"}));
}

}  // namespace
}  // namespace skep::test
