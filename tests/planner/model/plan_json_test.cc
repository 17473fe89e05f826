// Saved plans: what is written is read back equal, and nothing damaged gets through to the executor.
#include "planner/model/plan_json.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace skep {
namespace {

Plan full_plan() {
  Plan plan;
  plan.cluster = "demo";
  plan.spec_digest = "abc";
  plan.commit = "1f3a+dirty";
  plan.choices = {.destroy = true,
                  .refresh = false,
                  .allow_protected = true,
                  .allow_unschedulable = true,
                  .only = {"worker-*"},
                  .except = {"worker-3"},
                  .replace = {"worker-2"}};
  plan.lineage = "01J";
  plan.state_serial = 14;
  plan.changes = {
      {.id = {"engine", "worker-1"},
       .driver = "host.engine",
       .node = "worker-1",
       .action = Action::update,
       .fields = {{"version", "27.5", "28.5"}},
       .why = "wanted",
       .disruptive = true},
      {.id = {"server", "worker-2", 2}, .driver = "local.server", .node = "worker-2", .action = Action::replace}};
  Resource server = {.id = {"server", "worker-2", 2},
                     .driver = "local.server",
                     .inputs = {{"network", {{"$ref", "network/main"}, {"field", "remote_id"}}},
                                {"token", {{"$secret", "env:TOKEN"}, {"digest", "12ab"}}}},
                     .needs = {{"network", "main"}},
                     .pool = "rolling:worker",
                     .node = "worker-2",
                     .protect = true,
                     .vanishes_with = {{"swarm", "main"}}};
  plan.steps = {{.id = 0, .action = StepAction::create, .resource = server},
                {.id = 1,
                 .action = StepAction::destroy,
                 .resource = {.id = {"server", "worker-2"}, .driver = "local.server"},
                 .object = Object{"m-2", {{"address", "10.0.0.2"}}},
                 .after = {0}},
                {.id = 2,
                 .action = StepAction::forget,
                 .resource = {.id = {"engine", "worker-2"}, .driver = "host.engine"},
                 .after = {0, 1}}};
  plan.pools = {{"membership", 1}, {"rolling:worker", 2}};
  plan.known = {{{"network", "main"}, {"br0", {{"range", "10.0.0.0/24"}}}}};
  plan.warnings = {"worker-2 is replaced"};
  plan.quorum = {"3 managers up of 3, 2 needed"};
  return plan;
}

TEST(PlanJson, APlanIsReadBackEqual) {
  const Plan plan = full_plan();
  const auto text = dump_json_pretty(plan_json(plan));
  const auto read = plan_from_json(parse_json(text, "the plan").value());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value(), plan);
}

TEST(PlanJson, AnEmptyPlanIsReadBackEqual) {
  const Plan plan = {.cluster = "demo", .spec_digest = "d", .lineage = "l"};
  const auto read = plan_from_json(plan_json(plan));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value(), plan);
}

TEST(PlanJson, ANewerFormatIsRefusedByName) {
  Json json = plan_json(full_plan());
  json["format_version"] = 7;
  const auto read = plan_from_json(json);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message, "the plan was saved by a newer skep (format 7, this one knows 2)");
  json["format_version"] = 1;
  EXPECT_EQ(plan_from_json(json).error().message, "the plan was saved by an older skep");
}

TEST(PlanJson, TheDigestIsOfTheWholePlan) {
  const std::string digest = digest_of(full_plan());
  EXPECT_EQ(digest.size(), 64U);
  EXPECT_EQ(digest, digest_of(full_plan()));
  Plan other = full_plan();
  other.steps[1].object->attributes["address"] = "10.0.0.3";
  EXPECT_NE(digest_of(other), digest);
}

struct Damage {
  const char* name;
  std::function<void(Json&)> make;
  const char* message;
};

TEST(PlanJson, WhatIsDamagedIsRefusedWithItsPlace) {
  const std::vector<Damage> damages = {
      {"another file",
       [](Json& json) {
         json = {{"a", 1}};
       },
       "this is no saved plan of skep"},
      {"no mapping", [](Json& json) { json = Json::array(); }, "this is no saved plan of skep"},
      {"no format", [](Json& json) { json.erase("format_version"); }, "the plan: 'format_version' is missing"},
      {"no steps", [](Json& json) { json.erase("steps"); }, "the plan: 'steps' is no list"},
      {"a step's number", [](Json& json) { json["steps"][1]["id"] = 5; }, "step 1: wrong number"},
      {"an action", [](Json& json) { json["steps"][0]["action"] = "explode"; }, "step 0: unknown action 'explode'"},
      {"an id", [](Json& json) { json["steps"][0]["resource"]["id"] = "no/such/id"; },
       "step 0: 'no/such/id' is no resource id"},
      {"an unknown step", [](Json& json) { json["steps"][1]["after"] = {9}; }, "step 1: waits for an unknown step"},
      {"a negative step", [](Json& json) { json["steps"][1]["after"] = {-1}; },
       "step 1: waits for something that is no step"},
      {"itself", [](Json& json) { json["steps"][1]["after"] = {1}; }, "the plan: some steps wait for one another"},
      {"a circle", [](Json& json) { json["steps"][0]["after"] = {2}; }, "the plan: some steps wait for one another"},
      {"inputs", [](Json& json) { json["steps"][0]["resource"]["inputs"] = 3; }, "step 0: 'inputs' is no mapping"},
      {"a pool of none", [](Json& json) { json["pools"]["membership"] = 0; },
       "the plan: pool 'membership' has no limit"},
      {"a change", [](Json& json) { json["changes"][0]["id"] = 1; }, "a change of the plan: a resource id is no text"},
      {"a warning", [](Json& json) { json["warnings"] = {1}; }, "the plan: 'warnings' holds something that is no text"},
  };
  for (const auto& damage : damages) {
    SCOPED_TRACE(damage.name);
    Json json = plan_json(full_plan());
    damage.make(json);
    const auto read = plan_from_json(json);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, ErrorCode::invalid_input);
    EXPECT_EQ(read.error().message, damage.message);
    EXPECT_FALSE(read.error().hint.empty());
  }
}

TEST(PlanJson, EveryActionHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const auto action :
       {Action::none, Action::create, Action::update, Action::replace, Action::destroy, Action::forget, Action::read}) {
    names.insert(action_name(action));
  }
  EXPECT_EQ(names.size(), 7U);
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace skep
