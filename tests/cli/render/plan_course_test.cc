// In which waves nodes have their turn, and about how long all of it takes.
#include "cli/render/plan_course.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

using Waves = std::vector<std::vector<std::string>>;
using std::chrono::seconds;

// An engine of each node is changed, in place and one after what it waits for.
struct Rolling {
  Plan plan;

  void add(const std::string& node, std::vector<StepId> after, bool is_disruptive = true) {
    const ResourceId id{"engine", node};
    Resource engine = {.id = id, .driver = "host.engine", .node = node};
    engine.inputs["service"] = {{"settle", 10}};
    plan.steps.push_back({.id = static_cast<StepId>(plan.steps.size()),
                          .action = StepAction::update,
                          .resource = engine,
                          .after = std::move(after)});
    plan.changes.push_back({.id = id, .node = node, .action = Action::update, .disruptive = is_disruptive});
  }
};

TEST(PlanCourse, NodesOfAWaveWaitForNoneOfEachOther) {
  Rolling rolling;
  rolling.add("manager-2", {});
  rolling.add("manager-1", {0});
  rolling.add("worker-10", {1});
  rolling.add("worker-2", {1});
  rolling.add("worker-3", {2});
  EXPECT_EQ(waves_of(rolling.plan), (Waves{{"manager-2"}, {"manager-1"}, {"worker-2", "worker-10"}, {"worker-3"}}));
}

TEST(PlanCourse, OneNodeOrNothingDisturbedHasNoWaves) {
  Rolling rolling;
  rolling.add("worker-1", {});
  rolling.add("worker-2", {0}, false);
  EXPECT_TRUE(waves_of(rolling.plan).empty());
  EXPECT_TRUE(waves_of(Plan{}).empty());
}

TEST(PlanCourse, AReplacedNodeIsInTheWaveOfItsFirstStep) {
  Plan plan;
  const auto add = [&](StepAction action, const std::string& node, int generation, std::vector<StepId> after) {
    plan.steps.push_back({.id = static_cast<StepId>(plan.steps.size()),
                          .action = action,
                          .resource = {.id = {"server", node, generation}, .driver = "hetzner.server", .node = node},
                          .after = std::move(after)});
    if (action == StepAction::create)
      plan.changes.push_back({.id = {"server", node, generation}, .node = node, .action = Action::replace});
  };
  add(StepAction::create, "manager-1", 2, {});
  add(StepAction::destroy, "manager-1", 1, {0});
  add(StepAction::create, "manager-2", 2, {1});
  add(StepAction::destroy, "manager-2", 1, {2});
  EXPECT_EQ(waves_of(plan), (Waves{{"manager-1"}, {"manager-2"}}));
  EXPECT_EQ(usual_duration(plan), seconds(40 + 5 + 40 + 5));
}

TEST(PlanCourse, TheLongestWayDecidesAndWhatIsBesideItDoesNot) {
  Rolling rolling;
  rolling.add("worker-1", {});
  const auto one = usual_duration(rolling.plan);
  EXPECT_EQ(one, seconds(30 + 40 + 10));
  rolling.add("worker-2", {});
  EXPECT_EQ(usual_duration(rolling.plan), one);
  rolling.add("worker-3", {1});
  EXPECT_EQ(usual_duration(rolling.plan), 2 * one);
  EXPECT_EQ(usual_duration(Plan{}), seconds(0));
}

}  // namespace
}  // namespace skep
