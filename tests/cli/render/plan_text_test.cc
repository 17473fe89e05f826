// Plans as people and programs see them.
#include "cli/render/plan_text.h"

#include <gtest/gtest.h>

#include "cli/render/plan_report.h"
#include "tests/cli/render/golden.h"
#include "tests/cli/render/sample_plan.h"

namespace skep {
namespace {

const PlanHeader header = {"lympo-staging", "hetzner", "state 14, written 3 min ago by anna on build-7"};

TEST(PlanText, TheWholePlanAsItIsLaidOut) { expect_golden("plan.txt", plan_text(sample_plan(), header, {})); }

TEST(PlanText, ColoursWhereATerminalIs) {
  expect_golden("plan_color.txt", plan_text(sample_plan(), header, {.color = true, .columns = 120}));
}

TEST(PlanText, ANarrowTerminalWrapsAndLosesNothing) {
  const std::string text = plan_text(sample_plan(), header, {.columns = 50});
  expect_golden("plan_narrow.txt", text);
  EXPECT_NE(text.find("its location cannot"), std::string::npos);
}

TEST(PlanText, NothingToDoSaysSoInWordsThatScriptsKnow) {
  const Plan plan = {.cluster = "demo"};
  EXPECT_EQ(plan_text(plan, {"demo", "local", "state 3"}, {}),
            "demo · local · state 3\n\nNo changes. Your infrastructure matches the configuration.\n");
}

TEST(PlanText, WarningsAreShownThoughNothingChanges) {
  Plan plan = {.cluster = "demo"};
  plan.warnings = {"worker-2 cannot be read: no route\nits record is taken as it is"};
  EXPECT_EQ(plan_text(plan, {"demo", "local", "state 3"}, {}),
            "demo · local · state 3\n\n  ! worker-2 cannot be read: no route\n    its record is taken as it is\n\n"
            "No changes. Your infrastructure matches the configuration.\n");
}

TEST(PlanText, SizesAreAsPeopleWriteThem) {
  Plan plan = {.cluster = "demo"};
  for (const char* name : {"a", "b"}) {
    plan.changes.push_back({.id = {"volume", name}, .driver = "local.volume", .action = Action::create});
  }
  plan.steps = {
      {.id = 0,
       .action = StepAction::create,
       .resource = {.id = {"volume", "a"}, .inputs = {{"size_bytes", 3'000'000'000}}}},
      {.id = 1, .action = StepAction::create, .resource = {.id = {"volume", "b"}, .inputs = {{"size_gb", 20}}}}};
  const std::string text = plan_text(plan, {"demo", "local", "state 3"}, {});
  EXPECT_NE(text.find("+ volume  a  3.0 GB\n  + volume  b  20 GB\n"), std::string::npos) << text;
}

TEST(PlanRows, WhatBelongsToANodeThatComesOrGoesIsFoldedIntoItsMachine) {
  const auto rows = plan_rows(sample_plan());
  std::string text;
  for (const auto& row : rows) text += to_text(row.change.id) + " " + std::to_string(row.folded.size()) + "\n";
  EXPECT_EQ(text,
            "server/worker-3 3\n"
            "server/worker-10 0\n"
            "server/manager-1@2 0\n"
            "engine/worker-1 0\n"
            "floating_ip/ingress 0\n"
            "server/worker-9 2\n");
}

TEST(PlanRows, AReplacementCountsAsAddedAndDestroyed) {
  const auto counts = counts_of(plan_rows(sample_plan()));
  EXPECT_EQ(plan_line(counts), "Plan: 3 to add, 2 to change, 2 to destroy.");
  EXPECT_EQ(complete_line(counts, "apply"), "Apply complete! Resources: 3 added, 2 changed, 2 destroyed.");
  EXPECT_EQ(complete_line({.destroy = 4}, "destroy"), "Destroy complete! Resources: 4 destroyed.");
}

TEST(PlanRows, ARowOfWhichAPartFailedIsNotDone) {
  const auto counts = counts_done(plan_rows(sample_plan()), {{"engine", "worker-3"}, {"floating_ip", "ingress"}});
  EXPECT_EQ(done_text(counts), "2 added, 1 changed, 2 destroyed");
}

TEST(PlanRows, AReplacementIsNotDoneBeforeTheOldOneIsGone) {
  const auto counts = counts_done(plan_rows(sample_plan()), {{"server", "manager-1", 1}});
  EXPECT_EQ(done_text(counts), "2 added, 2 changed, 1 destroyed");
}

TEST(PlanRows, WhatStaysOnANodeThatStaysHasRowsOfItsOwn) {
  Plan plan;
  plan.changes = {change_of("engine", "worker-1", Action::create, {}, "worker-1"),
                  change_of("server", "worker-1", Action::update, {{"power", "off", "on"}}, "worker-1")};
  EXPECT_EQ(plan_rows(plan).size(), 2U);
}

TEST(PlanReport, HasTheSameRowsAndCountsAsTheText) {
  expect_golden("plan.json", dump_json_pretty(plan_report(sample_plan(), header)));
}

}  // namespace
}  // namespace skep
