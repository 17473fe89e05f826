#include "planner/engine/adoption.h"

#include <gtest/gtest.h>

#include "tests/fakes/plan_kit.h"

namespace skep::test {
namespace {

TEST(Adoption, LooksForWhatWouldBeCreatedAndLeavesTheRestAlone) {
  State state = state_of(shape_of(1, 2));
  Shape wanted = shape_of(1, 1);  // a worker less, and an engine that changes
  wanted.pools[0].engine = "28";
  for (const char* kind : {"server", "engine", "swarm_node"}) state.records.erase({kind, "worker-1"});
  const auto plan = make_plan(wanted_of(wanted), state, kit_schemas(), options_of(wanted));
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan_text(adoption_of(plan.value())), R"(
+ server/worker-1
+ engine/worker-1           after server/worker-1
+ swarm_node/worker-1       after server/worker-1, engine/worker-1
)");
}

TEST(Adoption, KeepsTheOrderThroughStepsThatItLeavesOut) {
  Plan plan;
  const auto add = [&](StepAction action, const char* name, std::vector<StepId> after) {
    plan.steps.push_back({.id = static_cast<StepId>(plan.steps.size()),
                          .action = action,
                          .resource = {.id = {"thing", name}, .pool = "one"},
                          .after = std::move(after)});
  };
  add(StepAction::create, "a", {});
  add(StepAction::update, "b", {0});
  add(StepAction::create, "c", {1});
  const Plan adoption = adoption_of(plan);
  ASSERT_EQ(adoption.steps.size(), 2U);
  EXPECT_EQ(adoption.steps[1].resource.id.name, "c");
  EXPECT_EQ(adoption.steps[1].after, std::vector<StepId>{0});
  EXPECT_EQ(adoption.steps[1].resource.pool, "") << "nothing is disturbed, so nothing waits for its turn";
}

}  // namespace
}  // namespace skep::test
