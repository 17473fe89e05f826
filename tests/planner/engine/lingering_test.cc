// Lists that let go of a thing only when it is gone.
#include "planner/engine/lingering.h"

#include <gtest/gtest.h>

#include "planner/engine/make_plan.h"

namespace skep {
namespace {

const Schemas& schemas() {
  static const Schema door{.driver = "test.door",
                           .inputs = {{.name = "members", .keeps_what_goes = true}, {.name = "others"}}};
  static const Schema server{.driver = "test.server", .inputs = {{.name = "place"}}, .outputs = {{.name = "address"}}};
  static const Schemas all = {{"test.door", &door}, {"test.server", &server}};
  return all;
}

Resource server_of(const std::string& name) {
  return {.id = {"server", name}, .driver = "test.server", .inputs = {{"place", "a"}}};
}

Resource door_of(const std::vector<std::string>& names, const char* field = "members") {
  Json members = Json::array();
  std::vector<ResourceId> needs;
  for (const auto& name : names) {
    members.push_back({{"$ref", "server/" + name}, {"field", "address"}});
    needs.push_back({"server", name});
  }
  return {.id = {"door", "main"}, .driver = "test.door", .inputs = {{field, members}}, .needs = needs};
}

State state_of(const std::vector<std::string>& names, const char* field = "members") {
  State state;
  Json addresses = Json::array();
  for (const auto& name : names) {
    const Resource server = server_of(name);
    state.records[server.id] = {.resource = server,
                                .applied = server.inputs,
                                .object = {"id-" + name, {{"place", "a"}, {"address", "at-" + name}}}};
    addresses.push_back("at-" + name);
  }
  const Resource door = door_of(names, field);
  state.records[door.id] = {
      .resource = door, .applied = {{field, addresses}}, .object = {"id-door", {{field, addresses}}}};
  return state;
}

Plan plan_of(const std::vector<std::string>& names, const State& state, const char* field = "members") {
  std::vector<Resource> wanted = {door_of(names, field)};
  for (const auto& name : names) wanted.push_back(server_of(name));
  const auto plan = make_plan(wanted, state, schemas(), {.cluster = "demo"});
  EXPECT_TRUE(plan.ok()) << plan.error().message;
  return plan.ok() ? plan.value() : Plan{};
}

std::string text_of(const Plan& plan) {
  std::string text;
  for (const auto& step : plan.steps) {
    static const std::map<StepAction, std::string> signs = {
        {StepAction::create, "+"}, {StepAction::update, "~"}, {StepAction::destroy, "-"}};
    text += std::to_string(step.id) + signs.at(step.action) + " " + to_text(step.resource.id);
    for (const auto& one : json_member(step.resource.inputs, "members")) {
      text += one.is_string() ? " " + one.get<std::string>() : " (" + json_string_or(one, "$ref") + ")";
    }
    text += step.after.empty() ? "" : " after";
    for (const StepId id : step.after) text += " " + std::to_string(id);
    text += "\n";
  }
  return text;
}

TEST(Lingering, WhatIsDestroyedStaysInTheListUntilItIsGone) {
  EXPECT_EQ(text_of(plan_of({"a", "c"}, state_of({"a", "b"}))), R"(0+ server/c
1~ door/main (server/a) (server/c) at-b after 0
2- server/b after 1
3~ door/main (server/a) (server/c) after 1 2
)");
}

TEST(Lingering, WhatOnlyComesNeedsOneStep) {
  EXPECT_EQ(text_of(plan_of({"a", "b", "c"}, state_of({"a", "b"}))), R"(0+ server/c
1~ door/main (server/a) (server/b) (server/c) after 0
)");
}

TEST(Lingering, OtherListsAreShortenedAtOnce) {
  EXPECT_EQ(text_of(plan_of({"a"}, state_of({"a", "b"}, "others"), "others")), R"(0~ door/main
1- server/b after 0
)");
}

TEST(Lingering, OneChangeIsShownForTheTwoSteps) {
  const Plan plan = plan_of({"a"}, state_of({"a", "b"}));
  EXPECT_EQ(plan.steps.size(), 3U);
  EXPECT_EQ(plan.changes.size(), 2U);
}

}  // namespace
}  // namespace skep
