// Which steps may run: order, pools, and what a failure takes with it.
#include "planner/engine/frontier.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

Plan plan_of(std::vector<std::vector<StepId>> after, std::vector<std::string> pools = {}) {
  Plan plan;
  for (StepId id = 0; id < after.size(); ++id) {
    Step step = {.id = id, .after = after[id]};
    if (id < pools.size()) step.resource.pool = pools[id];
    plan.steps.push_back(step);
  }
  return plan;
}

std::vector<StepId> take_all(Frontier& frontier) {
  std::vector<StepId> taken;
  while (const auto step = frontier.take()) taken.push_back(*step);
  return taken;
}

using Steps = std::vector<StepId>;

TEST(Frontier, AStepWaitsForAllThatItComesAfter) {
  const Plan plan = plan_of({{}, {}, {0, 1}, {2}});
  Frontier frontier(plan);
  EXPECT_EQ(take_all(frontier), (Steps{0, 1}));
  frontier.done(0);
  EXPECT_EQ(take_all(frontier), Steps{});
  frontier.done(1);
  EXPECT_EQ(take_all(frontier), Steps{2});
  EXPECT_EQ(frontier.untouched(), Steps{3});
}

TEST(Frontier, AFailureTakesWithItOnlyWhatDependsOnIt) {
  const Plan plan = plan_of({{}, {}, {0}, {2}, {1}});
  Frontier frontier(plan);
  take_all(frontier);
  EXPECT_EQ(frontier.failed(0), (Steps{2, 3}));
  frontier.done(1);
  EXPECT_EQ(take_all(frontier), Steps{4});
  EXPECT_EQ(frontier.untouched(), Steps{});
}

TEST(Frontier, APoolBoundsHowManyRunAtOnce) {
  Plan plan = plan_of({{}, {}, {}, {}, {}}, {"p", "p", "p", "", "q"});
  plan.pools = {{"p", 2}, {"q", 0}};  // a limit below one would stop for ever
  Frontier frontier(plan);
  EXPECT_EQ(take_all(frontier), (Steps{0, 1, 3, 4}));
  frontier.failed(1);
  EXPECT_EQ(take_all(frontier), Steps{2});
}

TEST(Frontier, APoolWithoutALimitIsNone) {
  const Plan plan = plan_of({{}, {}, {}}, {"p", "p", "p"});
  Frontier frontier(plan);
  EXPECT_EQ(take_all(frontier), (Steps{0, 1, 2}));
}

TEST(Frontier, ManyStepsOfOnePoolCostNoMoreThanTheirNumber) {
  constexpr StepId count = 50'000;
  Plan plan = plan_of(std::vector<Steps>(count), std::vector<std::string>(count, "p"));
  plan.pools = {{"p", 1}};
  Frontier frontier(plan);
  for (StepId step = 0; step < count; ++step) {
    ASSERT_EQ(frontier.take(), step);
    frontier.done(step);
  }
}

}  // namespace
}  // namespace skep
