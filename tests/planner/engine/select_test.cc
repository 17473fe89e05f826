// What --only and --except leave of a plan, and what they bring along.
#include "planner/engine/select.h"

#include <gtest/gtest.h>

#include "planner/engine/patterns.h"
#include "tests/fakes/plan_kit.h"

namespace skep::test {
namespace {

struct Case {
  std::string name;
  std::vector<std::string> only;
  std::vector<std::string> except;
  std::string expected;
};

Result<Plan> plan(const Shape& shape, const State& state, std::vector<std::string> only,
                  std::vector<std::string> except) {
  PlanOptions options = options_of(shape);
  options.only = std::move(only);
  options.except = std::move(except);
  return make_plan(wanted_of(shape), state, kit_schemas(), options);
}

TEST(Select, WhatIsChosenBringsWhatItCannotDoWithout) {
  State state = state_of(shape_of(1, 2));
  Shape shape = shape_of(1, 0);
  shape.pools[0].engine = "28";
  shape.pools[1].nodes = {"worker-2", "worker-3"};  // worker-1 goes, worker-3 comes, every engine changes
  shape.pools[1].engine = "28";
  const Case cases[] = {
      {"a node", {"worker-3"}, {}, R"(
+ server/worker-3
+ engine/worker-3           after server/worker-3
+ swarm_node/worker-3       after server/worker-3, engine/worker-3
)"},
      {"the last part of a new node", {"swarm_node/worker-3"}, {}, R"(
+ server/worker-3
+ engine/worker-3           after server/worker-3
+ swarm_node/worker-3       after server/worker-3, engine/worker-3
)"},
      {"a machine that goes", {"server/worker-1"}, {}, R"(
- swarm_node/worker-1
- server/worker-1           after swarm_node/worker-1
. engine/worker-1           after swarm_node/worker-1, server/worker-1
)"},
      {"a kind on one pool", {"engine/manager-*"}, {}, R"(
~ engine/manager-1
)"},
      {"all but", {}, {"worker-*", "manager"}, "\n"},
      {"an unknown name", {"worker-9"}, {}, "\nerror: --only worker-9: nothing has this name\n"},
      {"two that contradict each other",
       {"worker-3"},
       {"server/worker-3"},
       "\nerror: --except leaves out server/worker-3, which other chosen changes cannot do without\n"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(plan_text(plan(shape, state, one.only, one.except)), one.expected);
  }
  EXPECT_EQ(plan(shape, state, {"manager-1"}, {}).value().warnings.at(0),
            "limited by --only or --except: 7 changes left out");
}

TEST(Select, AReplacedNodeIsTakenWhole) {
  const State state = state_of(shape_of(1, 2));
  Shape shape = shape_of(1, 2);
  shape.pools[1].location = "b";
  const auto made = plan(shape, state, {"engine/worker-1"}, {}).value();
  EXPECT_EQ(steps_on(made, StepAction::create, "server/worker-1@2").size(), 1U);
  EXPECT_EQ(steps_on(made, StepAction::destroy, "server/worker-1").size(), 1U);
  EXPECT_EQ(steps_on(made, StepAction::create, "server/worker-2").size(), 0U);
}

TEST(Patterns, AStarStandsForAnyText) {
  struct Match {
    const char* pattern;
    const char* text;
    bool expected;
  };
  const Match matches[] = {{"a", "a", true},
                           {"a", "b", false},
                           {"*", "", true},
                           {"manager-*", "manager-1", true},
                           {"manager-*", "worker-1", false},
                           {"*-1", "manager-1", true},
                           {"*-1", "manager-11", false},
                           {"a*b*c", "axxbyyc", true},
                           {"a*b*c", "axxbyy", false},
                           {"**", "x", true},
                           {"", "x", false},
                           {"a*", "a", true}};
  for (const auto& one : matches) EXPECT_EQ(is_match(one.pattern, one.text), one.expected) << one.pattern << one.text;
  const std::string stars(40, '*');
  EXPECT_FALSE(is_match(stars + "b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace skep::test
