// What happens before nodes go or are disturbed: siblings paused, machines out of their load balancers.
#include "planner/engine/make_way.h"

#include <gmock/gmock.h>

#include "tests/fakes/plan_kit.h"

namespace skep {
namespace {

using namespace test;

/// As real kinds do: nodes say whether they take tasks, machines whether they get connections.
std::vector<Resource> wanted_with(Shape shape, bool is_balanced) {
  shape.says_availability = true;
  shape.is_balanced = is_balanced;
  return wanted_of(shape);
}

State state_with(const Shape& shape, bool is_balanced = false) {
  State state = {.lineage = "line"};
  const auto made = make_plan(wanted_with(shape, is_balanced), state, kit_schemas(), options_of(shape));
  EXPECT_TRUE(made.ok()) << made.error().message;
  pretend_apply(made.value(), state);
  for (auto& [id, record] : state.records)
    if (id.kind == "swarm_node") record.object.attributes["availability"] = "active";
  return state;
}

Plan plan_of(const Shape& shape, const State& state, bool is_balanced = false) {
  auto made = make_plan(wanted_with(shape, is_balanced), state, kit_schemas(), options_of(shape));
  EXPECT_TRUE(made.ok()) << made.error().message;
  return std::move(made).value();
}

/// Those that set the field to the value, by node.
std::map<std::string, const Step*> setting(const Plan& plan, const char* field, const Json& value) {
  std::map<std::string, const Step*> found;
  for (const Step& step : plan.steps) {
    if (step.action != StepAction::update || json_member(step.resource.inputs, field) != value) continue;
    EXPECT_TRUE(found.emplace(step.resource.node, &step).second) << step.resource.node << " twice";
  }
  return found;
}

std::vector<std::string> nodes_in(const std::map<std::string, const Step*>& steps) {
  std::vector<std::string> nodes;
  for (const auto& [node, step] : steps) nodes.push_back(node);
  return nodes;
}

bool waits_for(const Plan& plan, StepId later, StepId earlier) {
  std::vector<bool> waits(plan.steps.size(), false);
  for (const Step& step : plan.steps)
    for (const StepId before : step.after) waits[step.id] = waits[step.id] || before == earlier || waits[before];
  return waits[later];
}

void expect_sound(const Plan& plan) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    EXPECT_EQ(plan.steps[i].id, i);
    EXPECT_TRUE(std::ranges::is_sorted(plan.steps[i].after));
    for (const StepId before : plan.steps[i].after) EXPECT_LT(before, i);
  }
}

using Names = std::vector<std::string>;

TEST(MakeWay, NodesThatGoTogetherArePausedBeforeTheFirstIsEmptied) {
  const State state = state_with(shape_of(3, 5));
  const Plan plan = plan_of(shape_of(3, 2), state);
  expect_sound(plan);
  const auto paused = setting(plan, "availability", "pause");
  EXPECT_EQ(nodes_in(paused), (Names{"worker-3", "worker-4", "worker-5"}));
  const auto emptied = steps_on(plan, StepAction::destroy, "swarm_node/");
  ASSERT_EQ(emptied.size(), 3U);
  for (const Step* step : emptied)
    for (const auto& [node, pause] : paused) EXPECT_TRUE(waits_for(plan, step->id, pause->id)) << node;
}

TEST(MakeWay, OneNodeThatGoesAloneIsNotPaused) {
  const State state = state_with(shape_of(3, 3));
  EXPECT_TRUE(setting(plan_of(shape_of(3, 2), state), "availability", "pause").empty());
}

TEST(MakeWay, APlanThatEndsTheSwarmPausesNobody) {
  const State state = state_with(shape_of(3, 3), true);
  Shape nothing;
  const Plan plan = plan_of(nothing, state);
  EXPECT_TRUE(setting(plan, "availability", "pause").empty());
  EXPECT_TRUE(setting(plan, "serving", false).empty());
}

TEST(MakeWay, ReplacedNodesArePausedWhenTheFirstNewOneStands) {
  const State state = state_with(shape_of(3, 3));
  Shape shape = shape_of(3, 3);
  shape.pools[1].location = "b";
  const Plan plan = plan_of(shape, state);
  expect_sound(plan);
  const auto paused = setting(plan, "availability", "pause");
  EXPECT_EQ(nodes_in(paused), (Names{"worker-1", "worker-2", "worker-3"}));
  const auto joined = steps_on(plan, StepAction::create, "swarm_node/worker-1");
  ASSERT_EQ(joined.size(), 1U);
  for (const auto& [node, pause] : paused) {
    EXPECT_TRUE(waits_for(plan, pause->id, joined.front()->id)) << node;
    EXPECT_EQ(pause->resource.id.generation, 1);
  }
}

TEST(MakeWay, NobodyIsPausedWhereTheOldNodeGoesBeforeTheNewOneComes) {
  const State state = state_with(shape_of(3, 3));
  Shape shape = shape_of(3, 3);
  shape.pools[1].location = "b";
  PlanOptions options = options_of(shape);
  options.rollout.max_surge = {.value = 0};
  const auto plan = make_plan(wanted_with(shape, false), state, kit_schemas(), options);
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(setting(plan.value(), "availability", "pause").empty());
}

TEST(MakeWay, WhoTakesNoTasksOrIsGivenUpIsNotPaused) {
  State state = state_with(shape_of(3, 5));
  state.records.at({"swarm_node", "worker-3"}).object.attributes["availability"] = "drain";
  state.records.at({"swarm_node", "worker-4"}).object.attributes["state"] = "down";
  EXPECT_TRUE(setting(plan_of(shape_of(3, 2), state), "availability", "pause").empty());
}

TEST(MakeWay, WhatWasPausedAndIsWantedAgainIsMadeActive) {
  State state = state_with(shape_of(3, 5));
  const Plan down = plan_of(shape_of(3, 2), state);
  for (const auto& [node, pause] : setting(down, "availability", "pause")) {  // and there the run ended
    Record& record = state.records.at(pause->resource.id);
    record.resource = pause->resource;
    record.applied["availability"] = "pause";
    record.object.attributes["availability"] = "pause";
  }
  const Plan up = plan_of(shape_of(3, 5), state);
  EXPECT_EQ(nodes_in(setting(up, "availability", "active")), (Names{"worker-3", "worker-4", "worker-5"}));
  EXPECT_EQ(up.steps.size(), 3U);
}

TEST(MakeWay, AMachineLeavesItsBalancerBeforeItsNodeIsDisturbedAndIsBackBeforeTheNext) {
  const State state = state_with(shape_of(3, 3), true);
  Shape shape = shape_of(3, 3);
  shape.pools[1].engine = "28";
  const Plan plan = plan_of(shape, state, true);
  expect_sound(plan);
  const auto out = setting(plan, "serving", false);
  const auto back = setting(plan, "serving", true);
  EXPECT_EQ(nodes_in(out), (Names{"worker-1", "worker-2", "worker-3"}));
  EXPECT_EQ(nodes_in(back), nodes_in(out));
  const auto prepared = steps_on(plan, StepAction::prepare, "engine/");
  ASSERT_EQ(prepared.size(), 3U);
  for (const Step* step : prepared) EXPECT_TRUE(waits_for(plan, out.at("worker-1")->id, step->id));
  for (const Step* step : steps_on(plan, StepAction::update, "engine/")) {
    EXPECT_TRUE(waits_for(plan, step->id, out.at(step->resource.node)->id));
    EXPECT_TRUE(waits_for(plan, back.at(step->resource.node)->id, step->id));
  }
  EXPECT_TRUE(waits_for(plan, out.at("worker-2")->id, back.at("worker-1")->id));
  EXPECT_TRUE(waits_for(plan, out.at("worker-3")->id, back.at("worker-2")->id));
  EXPECT_EQ(plan.changes.size(), 3U) << "what makes way is no change of its own";
}

TEST(MakeWay, WhatTheMachineReportsIsLeftAsItIs) {
  State state = state_with(shape_of(3, 1), true);
  state.records.at({"server", "worker-1"}).object.attributes["image"] = "debian-11";
  Shape shape = shape_of(3, 1);
  shape.pools[1].engine = "28";
  const Plan plan = plan_of(shape, state, true);
  for (const bool serves : {false, true}) {
    const auto steps = setting(plan, "serving", serves);
    ASSERT_EQ(nodes_in(steps), (Names{"worker-1"}));
    EXPECT_EQ(steps.at("worker-1")->resource.inputs["image"], "debian-11");
  }
}

TEST(MakeWay, AMachineThatGoesLeavesItsBalancerBeforeItsNodeIsEmptied) {
  const State state = state_with(shape_of(3, 3), true);
  const Plan plan = plan_of(shape_of(3, 2), state, true);
  const auto out = setting(plan, "serving", false);
  ASSERT_EQ(nodes_in(out), (Names{"worker-3"}));
  const auto emptied = steps_on(plan, StepAction::destroy, "swarm_node/worker-3");
  ASSERT_EQ(emptied.size(), 1U);
  EXPECT_TRUE(waits_for(plan, emptied.front()->id, out.at("worker-3")->id));
  EXPECT_TRUE(setting(plan, "serving", true).empty());
}

TEST(MakeWay, AChangeOfTheMachineItselfDoesNotBringItBackTooEarly) {
  const State state = state_with(shape_of(3, 1), true);
  Shape shape = shape_of(3, 1);
  shape.pools[1].engine = "28";
  auto wanted = wanted_with(shape, true);
  for (auto& resource : wanted)
    if (resource.id == ResourceId{"server", "worker-1"}) resource.inputs["labels"] = {{"pool", "other"}};
  const auto made = make_plan(wanted, state, kit_schemas(), options_of(shape));
  ASSERT_TRUE(made.ok());
  std::vector<Json> course;  // whether it serves, step by step
  for (const Step& step : made.value().steps) {
    if (step.action == StepAction::update && step.resource.id.kind == "engine") course.push_back("engine");
    if (step.action != StepAction::update || step.resource.id.kind != "server") continue;
    course.push_back(step.resource.inputs["serving"]);
    EXPECT_EQ(step.resource.inputs["labels"]["pool"], "other");
  }
  EXPECT_EQ(course, (std::vector<Json>{true, false, "engine", true}));
}

TEST(MakeWay, AMachineThatWasLeftOutServesAgain) {
  State state = state_with(shape_of(3, 1), true);
  Record& record = state.records.at({"server", "worker-1"});
  record.resource.inputs["serving"] = record.applied["serving"] = record.object.attributes["serving"] = false;
  const Plan plan = plan_of(shape_of(3, 1), state, true);
  EXPECT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(nodes_in(setting(plan, "serving", true)), (Names{"worker-1"}));
}

TEST(MakeWay, ManyNodesThatGoWaitForOnePauseOnly) {
  const State state = state_with(shape_of(1, 201));
  const Plan plan = plan_of(shape_of(1, 1), state);
  EXPECT_EQ(setting(plan, "availability", "pause").size(), 200U);
  std::size_t waits = 0;
  for (const Step* step : steps_on(plan, StepAction::destroy, "swarm_node/")) waits += step->after.size();
  EXPECT_LE(waits, 400U);
}

}  // namespace
}  // namespace skep
