// What has moved since a plan was made, and how two plans differ.
#include "planner/engine/staleness.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

Object machine(const std::string& power, const std::string& remote_id = "m-1") {
  return {.remote_id = remote_id, .attributes = {{"power", power}, {"address", "10.0.0.1"}}};
}

Resource worker(const std::string& name) {
  return {.id = {"server", name}, .driver = "local.server", .inputs = {{"power", "on"}}, .node = name};
}

/// Updates worker-1, makes worker-2, destroys worker-3.
Plan plan_of_three() {
  Plan plan;
  plan.changes = {{.id = {"server", "worker-1"},
                   .driver = "local.server",
                   .action = Action::update,
                   .fields = {{"power", "off", "on"}}},
                  {.id = {"server", "worker-2"}, .driver = "local.server", .action = Action::create},
                  {.id = {"server", "worker-3"}, .driver = "local.server", .action = Action::destroy}};
  plan.steps = {{.id = 0, .action = StepAction::update, .resource = worker("worker-1"), .object = machine("off")},
                {.id = 1, .action = StepAction::create, .resource = worker("worker-2"), .after = {0}},
                {.id = 2,
                 .action = StepAction::destroy,
                 .resource = worker("worker-3"),
                 .object = machine("on", "m-3"),
                 .after = {1}}};
  plan.pools = {{"rolling:worker", 1}};
  plan.warnings = {"worker-3 holds data"};
  plan.quorum = {"3 managers up of 3, 2 needed"};
  return plan;
}

State world_of_three() {
  State state;
  state.records[{"server", "worker-1"}] = {.resource = worker("worker-1"), .object = machine("off")};
  state.records[{"server", "worker-3"}] = {.resource = worker("worker-3"), .object = machine("on", "m-3")};
  state.records[{"server", "other"}] = {.resource = worker("other"), .object = machine("on", "m-9")};
  return state;
}

TEST(Staleness, WhatIsAsThePlanSawItHasNotMoved) {
  EXPECT_EQ(moved_objects(plan_of_three(), world_of_three()), std::vector<std::string>());
}

TEST(Staleness, OnlyTouchedObjectsCount) {
  State state = world_of_three();
  state.records[{"server", "other"}].object.attributes["power"] = "off";
  EXPECT_EQ(moved_objects(plan_of_three(), state), std::vector<std::string>());
}

TEST(Staleness, EachMoveIsNamedWithHow) {
  State state = world_of_three();
  Object& first = state.records[{"server", "worker-1"}].object;
  first.attributes["power"] = "on";
  first.attributes.erase("address");
  first.attributes["zone"] = "b";
  state.records.erase({"server", "worker-3"});
  state.unrecorded[{"server", "worker-2"}] = machine("on", "m-2");
  EXPECT_EQ(moved_objects(plan_of_three(), state),
            (std::vector<std::string>{
                R"(server/worker-1: address was "10.0.0.1" and is nothing, power was "off" and is "on", )"
                R"(zone was nothing and is "b")",
                "server/worker-2 exists now", "server/worker-3 is no longer there"}));
}

TEST(Staleness, AnotherObjectOfTheSameNameIsAMove) {
  State state = world_of_three();
  state.records[{"server", "worker-3"}].object.remote_id = "m-4";
  EXPECT_EQ(moved_objects(plan_of_three(), state),
            (std::vector<std::string>{"server/worker-3: it was m-3 and is m-4"}));
}

TEST(Staleness, ThePlanItselfSaysTheSame) {
  Plan later = plan_of_three();
  later.lineage = "another";
  later.state_serial = 12;
  later.commit = "2b";
  later.spec_digest = "other";
  later.steps[0].object = machine("paused");
  EXPECT_EQ(differences_between(plan_of_three(), later), std::vector<std::string>());
}

struct Difference {
  const char* name;
  void (*make)(Plan&);
  const char* line;
};

TEST(Staleness, EachDifferenceIsNamed) {
  const Difference differences[] = {
      {"a change less", [](Plan& plan) { plan.changes.pop_back(), plan.steps.pop_back(); },
       "server/worker-3: destroy; a new plan leaves it alone"},
      {"a change more",
       [](Plan& plan) {
         plan.changes.push_back({.id = {"server", "worker-4"}, .action = Action::destroy});
       },
       "server/worker-4: a new plan would destroy"},
      {"another field", [](Plan& plan) { plan.changes[0].fields[0].before = "paused"; },
       "server/worker-1: update (power off → on); now update (power paused → on)"},
      {"another action", [](Plan& plan) { plan.changes[0].action = Action::replace; },
       "server/worker-1: update (power off → on); now replace (power off → on)"},
      {"another reason", [](Plan& plan) { plan.changes[0].why = "it is gone"; },
       "server/worker-1: update (power off → on), for another reason: it is gone"},
      {"a drain", [](Plan& plan) { plan.changes[0].disruptive = true; },
       "server/worker-1: update (power off → on); now update, with a drain (power off → on)"},
      {"a step less", [](Plan& plan) { plan.steps.pop_back(); },
       "the step destroy server/worker-3 is no longer needed"},
      {"a step more",
       [](Plan& plan) {
         plan.steps.push_back({.id = 3, .action = StepAction::forget, .resource = worker("worker-5")});
       },
       "the step forget server/worker-5 is new"},
      {"other inputs", [](Plan& plan) { plan.steps[1].resource.inputs["power"] = "off"; },
       "the step create server/worker-2 would be done with other inputs"},
      {"another order", [](Plan& plan) { plan.steps[1].after.clear(); },
       "the step create server/worker-2 would wait for other steps"},
      {"another limit", [](Plan& plan) { plan.pools["rolling:worker"] = 2; }, "how many steps may run at once"},
      {"a warning", [](Plan& plan) { plan.warnings.push_back("a new risk"); }, "a new warning: a new risk"},
      {"a warning less", [](Plan& plan) { plan.warnings.clear(); }, "no longer: worker-3 holds data"},
      {"another proof", [](Plan& plan) { plan.quorum = {"2 managers up of 3, 2 needed"}; },
       "a new proof of quorum: 2 managers up of 3, 2 needed"},
  };
  for (const auto& difference : differences) {
    SCOPED_TRACE(difference.name);
    Plan fresh = plan_of_three();
    difference.make(fresh);
    const auto lines = differences_between(plan_of_three(), fresh);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front(), difference.line);
  }
}

TEST(Staleness, ManyDifferencesAreCounted) {
  const auto lines_for = [](int count) {
    Plan fresh = plan_of_three();
    for (int i = 0; i < count; ++i) fresh.warnings.push_back("risk " + std::to_string(i));
    return differences_between(plan_of_three(), fresh);
  };
  EXPECT_EQ(lines_for(20).size(), 20U);
  EXPECT_EQ(lines_for(20).back(), "a new warning: risk 19");
  EXPECT_EQ(lines_for(45).size(), 20U);
  EXPECT_EQ(lines_for(45).back(), "and 26 more");
}

}  // namespace
}  // namespace skep
