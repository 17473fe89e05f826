// What counts as a swarm that is well.
#include "provisioners/health.h"

#include <gtest/gtest.h>

#include "planner/base/text.h"
#include "tests/provisioners/cluster_kit.h"

namespace skep {
namespace {

Json service(const std::string& name, int replicas, Json update = nullptr, Json labels = Json::object()) {
  Json one = {{"ID", "id-" + name},
              {"Spec", {{"Name", name}, {"Labels", labels}, {"Mode", {{"Replicated", {{"Replicas", replicas}}}}}}}};
  if (!update.is_null()) one["UpdateStatus"] = {{"State", update}, {"Message", "because"}};
  return one;
}

Json task_of(const std::string& name, const std::string& node, const std::string& state, const std::string& why = {}) {
  return {{"ID", name + "-" + node},
          {"ServiceID", "id-" + name},
          {"NodeID", node},
          {"DesiredState", "running"},
          {"Status", {{"State", state}, {"Err", why}}}};
}

std::vector<SwarmNode> two_nodes(const std::string& state_of_b = "ready") {
  return {{.id = "a", .hostname = "a", .state = "ready"}, {.id = "b", .hostname = "b", .state = state_of_b}};
}

struct HealthCase {
  std::string name;
  Json service;
  Json tasks;
  std::string waiting = {};
  std::string broken = {};
  std::string state_of_b = "ready";
};

const HealthCase health_cases[] = {
    {"all run", service("web", 2), {task_of("web", "a", "running"), task_of("web", "b", "running")}},
    {"none is wanted", service("web", 0), Json::array()},
    {"one is missing", service("web", 2), {task_of("web", "a", "running")}, "web (1 of 2)"},
    {"one waits", service("web", 1), {task_of("web", "", "pending", "no room")}, "web (0 of 1: no room)"},
    {"one is starting", service("web", 1), {task_of("web", "a", "starting")}, "web (0 of 1)"},
    {"one runs on a node that is down",
     service("web", 2),
     {task_of("web", "a", "running"), task_of("web", "b", "running")},
     "web (1 of 2)",
     "",
     "down"},
    {"one too many",
     service("web", 1),
     {task_of("web", "a", "running"), task_of("web", "b", "running")},
     "web (2 of 1)"},
    {"an update goes on", service("web", 1, "updating"), {task_of("web", "a", "running")}, "web (is being updated)"},
    {"a rollback goes on",
     service("web", 1, "rollback_started"),
     {task_of("web", "a", "running")},
     "web (is being updated)"},
    {"an update has ended", service("web", 1, "completed"), {task_of("web", "a", "running")}},
    {"an update is paused",
     service("web", 1, "paused"),
     {task_of("web", "a", "running")},
     "",
     "web: its update is paused (because)"},
    {"a rollback is paused",
     service("web", 1, "rollback_paused"),
     {task_of("web", "a", "running")},
     "",
     "web: its rollback is paused (because)"},
    {"an update was rolled back",
     service("web", 1, "rollback_completed"),
     {task_of("web", "a", "running")},
     "",
     "web: its last update failed and was rolled back (because)"},
    {"nobody cares", service("web", 3, "paused", {{"skep.health", "ignore"}}), Json::array()},
    {"a job",
     {{"ID", "id-job"}, {"Spec", {{"Name", "job"}, {"Mode", {{"ReplicatedJob", Json::object()}}}}}},
     Json::array()},
    {"a global one, as many as are wanted",
     {{"ID", "id-web"}, {"Spec", {{"Name", "web"}, {"Mode", {{"Global", Json::object()}}}}}},
     {task_of("web", "a", "running"), task_of("web", "b", "running")}},
    {"a global one, one starting",
     {{"ID", "id-web"}, {"Spec", {{"Name", "web"}, {"Mode", {{"Global", Json::object()}}}}}},
     {task_of("web", "a", "running"), task_of("web", "b", "preparing")},
     "web (1 of 2)"},
};

TEST(Health, AServiceIsWellWhenAllItsTasksRunAndNoUpdateStandsStill) {
  for (const auto& one : health_cases) {
    SCOPED_TRACE(one.name);
    const auto health = service_health(Json::array({one.service}), one.tasks, two_nodes(one.state_of_b));
    EXPECT_EQ(join(health.waiting, "; "), one.waiting);
    EXPECT_EQ(join(health.broken, "; "), one.broken);
    EXPECT_EQ(health.is_well(), one.waiting.empty() && one.broken.empty());
  }
}

TEST(Health, TheConditionIsThatOfTheManagersOnRecord) {
  test::ClusterKit kit(3, 1);
  ASSERT_EQ(test::lines(kit.apply()), "");
  kit.world.add_service("shop", "worker-1");
  State state;
  for (const auto& [id, object] : kit.objects)
    state.records[id] = {.resource = {.id = id, .driver = ""}, .object = object};
  HostFacts facts(kit.world, kit.clock);
  const HostTools tools = {kit.world, kit.clock, facts};
  const Context context = {.deadline = Instant::max(), .stop = {}};
  auto seen = look_at_condition(state, tools, context).value();
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->services, 1U);
  EXPECT_EQ(join(seen->problems, "; "), "");

  kit.world.swarm().services.back().may = {"nobody"};
  kit.world.power_off("worker-1");
  seen = look_at_condition(state, tools, context).value();
  EXPECT_EQ(join(seen->problems, "; "), "shop (0 of 1: no suitable node (scheduling constraints not satisfied))");

  EXPECT_FALSE(look_at_condition({}, tools, context).value().has_value());
}

TEST(Health, AnotherTaskIsAnotherState) {
  const auto services = Json::array({service("web", 1)});
  const auto first = service_health(services, Json::array({task_of("web", "a", "running")}), two_nodes());
  const auto second = service_health(services, Json::array({task_of("web", "b", "running")}), two_nodes());
  EXPECT_TRUE(first.is_well() && second.is_well());
  EXPECT_NE(first.running, second.running);
}

TEST(Health, AnswersThatAreNoListsSayNothing) {
  EXPECT_TRUE(service_health(nullptr, "x", {}).is_well());
  EXPECT_TRUE(service_health(Json::array({1, nullptr}), Json::array({3}), {}).broken.empty());
}

SwarmView view_of(const std::string& by, std::vector<SwarmNode> nodes) {
  return {.by = {.node = by, .generation = 1, .role = "manager", .private_address = {}, .endpoint = {}},
          .nodes = std::move(nodes)};
}

std::vector<SwarmNode> three_managers(const std::string& leader, const std::string& reachability_of_c = "reachable") {
  std::vector<SwarmNode> nodes;
  for (const char* name : {"a", "b", "c"}) {
    nodes.push_back({.id = name,
                     .hostname = name,
                     .availability = "active",
                     .state = "ready",
                     .reachability = std::string(name) == "c" ? reachability_of_c : "reachable",
                     .is_leader = name == leader});
  }
  return nodes;
}

TEST(Health, MembersMustBeReachableInBothViewsWithOneLeader) {
  EXPECT_EQ(member_trouble({view_of("a", three_managers("a")), view_of("b", three_managers("a"))}, ""), "");
  EXPECT_EQ(member_trouble({view_of("a", three_managers(""))}, ""), "there is no leader, as a sees it");
  EXPECT_EQ(member_trouble({view_of("a", three_managers("a")), view_of("b", three_managers("b"))}, ""),
            "two managers name different leaders");
  EXPECT_EQ(member_trouble({view_of("a", three_managers("a")), view_of("b", three_managers("a", "unreachable"))}, ""),
            "manager c is unreachable, as b sees it");
  EXPECT_EQ(member_trouble({view_of("a", three_managers("a", "unknown"))}, ""), "manager c is unknown, as a sees it");
  EXPECT_EQ(member_trouble({view_of("a", three_managers("a", "unreachable"))}, "c"), "");
}

TEST(Health, WorkersMustBeReadyUnlessTheyAreDrained) {
  auto nodes = three_managers("a");
  nodes.push_back({.id = "w", .hostname = "w", .availability = "active", .state = "unknown"});
  EXPECT_EQ(member_trouble({view_of("a", nodes)}, ""), "w is unknown, as a sees it");
  EXPECT_EQ(member_trouble({view_of("a", nodes)}, "w"), "");
  nodes.back().availability = "drain";
  EXPECT_EQ(member_trouble({view_of("a", nodes)}, ""), "");
}

}  // namespace
}  // namespace skep
