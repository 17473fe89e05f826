// What a plan begins with: silent machines that go are off before anything else happens on them.
#include "planner/engine/ahead.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/fakes/plan_kit.h"

namespace skep::test {
namespace {

// Two of three workers stay; worker-3, which goes, is silent, and the swarm sees it down.
struct Fence : testing::Test {
  State state = state_of(shape_of(3, 3));
  Shape wanted = shape_of(3, 2);

  Fence() {
    for (const auto& [id, record] : state.records)
      if (record.resource.node == "worker-3" && id.kind == "engine") state.unread.emplace(id, "no answer");
    node()["state"] = "down";
    machine()["power"] = "on";
  }
  Attributes& node() { return state.records.at({"swarm_node", "worker-3"}).object.attributes; }
  Attributes& machine() { return state.records.at({"server", "worker-3"}).object.attributes; }
  Result<Plan> plan() const { return make_plan(wanted_of(wanted), state, kit_schemas(), options_of(wanted)); }
  std::size_t fences() const { return steps_on(plan().value(), StepAction::update, "server/worker-3").size(); }
};

TEST_F(Fence, ASilentMachineIsOffBeforeAnythingElseHappensOnIt) {
  const auto made = plan();
  ASSERT_TRUE(made.ok()) << made.error().message;
  const Step& first = made.value().steps.at(0);
  EXPECT_EQ(first.action, StepAction::update);
  EXPECT_EQ(first.resource.id, (ResourceId{"server", "worker-3"}));
  EXPECT_EQ(json_string_or(first.resource.inputs, "power"), "off");
  EXPECT_TRUE(first.object.has_value());
  EXPECT_TRUE(first.after.empty());
  std::size_t later = 0;
  for (const Step& step : made.value().steps) {
    if (step.action != StepAction::destroy && step.action != StepAction::forget) continue;
    EXPECT_NE(std::ranges::find(step.after, first.id), step.after.end()) << to_text(step.resource.id);
    ++later;
  }
  EXPECT_EQ(later, 3U);  // node, engine, machine
  const auto& warnings = made.value().warnings;
  EXPECT_NE(std::ranges::find(warnings, "worker-3 is silent and may still run containers: it is turned off first"),
            warnings.end());
}

TEST_F(Fence, AReplacedOneAsWell) {
  wanted = shape_of(3, 3);
  wanted.pools[1].location = "b";
  const auto made = plan();
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(steps_on(made.value(), StepAction::update, "server/").size(), 1U);
}

TEST_F(Fence, OnlyWhatNobodySeesIsFenced) {
  EXPECT_EQ(fences(), 1U);
  node()["state"] = "ready";
  EXPECT_EQ(fences(), 0U) << "the swarm sees it";
  node()["reachability"] = "unreachable";
  EXPECT_EQ(fences(), 1U) << "the other managers do not reach it";
  node()["reachability"] = "";
  node()["state"] = "down";
  machine()["power"] = "off";
  EXPECT_EQ(fences(), 0U) << "it is off";
  machine()["power"] = "on";
  state.unread.clear();
  EXPECT_EQ(fences(), 0U) << "it answers";
}

TEST_F(Fence, WhatCannotBeTurnedOffIsLeftToItsUser) {
  state.records.at({"server", "worker-3"}).resource.driver = "other.server";
  const auto made = plan();
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_TRUE(steps_on(made.value(), StepAction::update, "server/").empty());
}

TEST_F(Fence, AMachineThatStaysIsNotTouched) {
  wanted = shape_of(3, 3);
  EXPECT_EQ(fences(), 0U);
}

}  // namespace
}  // namespace skep::test
