// What a plan means for the services that run, by the scheduler's own filters.
#include "provisioners/impact.h"

#include <gtest/gtest.h>

#include "planner/base/text.h"
#include "provisioners/settle_in.h"

namespace skep {
namespace {

TaskNode task_node(const std::string& name, std::map<std::string, std::string> labels = {}) {
  return {.id = name,
          .hostname = name,
          .role = "worker",
          .address = "10.1.2.3",
          .os = "linux",
          .architecture = "amd64",
          .is_ready = true,
          .takes_tasks = true,
          .total = {.nano_cpus = 2'000'000'000, .memory_bytes = 4'000},
          .labels = std::move(labels),
          .engine_labels = {{"disk", "ssd"}}};
}

struct ConstraintCase {
  std::string constraint;
  bool fits = true;
};

const ConstraintCase constraint_cases[] = {
    {"node.labels.tier==web", true},      {"node.labels.tier == WEB", true},
    {"node.labels.Tier==web", false},  // keys of labels are told apart by case
    {"node.labels.tier!=web", false},     {"node.labels.none!=web", true},
    {"node.labels.none==", true},         {"NODE.LABELS.tier==web", true},
    {"engine.labels.disk==ssd", true},    {"node.id==a", true},
    {"node.hostname!=a", false},          {"node.role==manager", false},
    {"node.platform.os==linux", true},    {"node.platform.arch==x86_64", true},
    {"node.platform.arch==arm64", false}, {"node.ip==10.1.2.3", true},
    {"node.ip==10.1.0.0/16", true},       {"node.ip!=10.1.0.0/16", false},
    {"node.ip==10.2.0.0/16", false},      {"node.ip==10.1.0.0/x", false},
    {"node.ip==0.0.0.0/0", true},         {"something.else==1", true},
};

TEST(Scheduler, ConstraintsAreReadAsSwarmReadsThem) {
  for (const auto& one : constraint_cases) {
    SCOPED_TRACE(one.constraint);
    const Workload workload = {.id = "s", .constraints = {one.constraint}};
    EXPECT_EQ(objection(workload, task_node("a", {{"tier", "web"}})), one.fits ? "" : one.constraint);
  }
}

TEST(Scheduler, ANodeMustBeReadyTakeTasksAndHaveThePlatformAndThePlugin) {
  auto node = task_node("a");
  EXPECT_EQ(objection({.id = "s", .platforms = {{"linux", "arm64"}}}, node), "another platform");
  EXPECT_EQ(objection({.id = "s", .platforms = {{"linux", "arm64"}, {"linux", "amd64"}}}, node), "");
  EXPECT_EQ(objection({.id = "s", .platforms = {{"", ""}}}, node), "");
  EXPECT_EQ(objection({.id = "s", .volume_plugins = {"csi"}}, node), "no volume plugin csi");
  node.takes_tasks = false;
  EXPECT_EQ(objection({.id = "s"}, node), "it takes no tasks");
  node.is_ready = false;
  EXPECT_EQ(objection({.id = "s"}, node), "it is not ready");
}

TEST(Scheduler, RoomIsWhatReservationsPortsAndTheLimitPerNodeLeave) {
  const auto node = task_node("a");
  SwarmPicture picture;
  picture.workloads = {{.id = "big", .needs = {.nano_cpus = 1'500'000'000}},
                       {.id = "web", .most_per_node = 2, .needs = {.memory_bytes = 1'000}},
                       {.id = "edge", .host_ports = {{"tcp", 80}}},
                       {.id = "other", .host_ports = {{"udp", 80}, {"tcp", 80}}}};
  const auto& [big, web, edge, other] =
      std::tie(picture.workloads[0], picture.workloads[1], picture.workloads[2], picture.workloads[3]);
  EXPECT_EQ(room_for(big, node, {}, picture), 1);
  EXPECT_EQ(room_for(big, node, {{"big", "a"}}, picture), 0);
  EXPECT_EQ(room_for(web, node, {}, picture), 2);
  EXPECT_EQ(room_for(web, node, {{"web", "a"}}, picture), 1);
  EXPECT_EQ(room_for(edge, node, {}, picture), 1);
  EXPECT_EQ(room_for(edge, node, {{"edge", "a"}}, picture), 0);
  EXPECT_EQ(room_for(other, node, {{"edge", "a"}}, picture), 0);
  EXPECT_EQ(room_for({.id = "web", .constraints = {"node.role==manager"}}, node, {}, picture), 0);
}

TEST(Scheduler, ThePictureIsWhatTheEngineAnswers) {
  const Json nodes = {
      {{"ID", "n1"},
       {"Spec", {{"Role", "worker"}, {"Availability", "active"}, {"Labels", {{"tier", "web"}}}}},
       {"Status", {{"State", "ready"}, {"Addr", "10.0.0.1"}}},
       {"Description",
        {{"Hostname", "one"},
         {"Platform", {{"Architecture", "x86_64"}, {"OS", "linux"}}},
         {"Resources", {{"NanoCPUs", 4}, {"MemoryBytes", 5}}},
         {"Engine",
          {{"Labels", {{"a", "b"}}},
           {"Plugins", {{{"Type", "Volume"}, {"Name", "local"}}, {{"Type", "Log"}, {"Name", "x"}}}}}}}}}};
  const Json mounts = {
      {{"Type", "volume"}, {"Source", "data"}},
      {{"Type", "volume"}, {"Source", "cloud"}, {"VolumeOptions", {{"DriverConfig", {{"Name", "csi"}}}}}},
      {{"Type", "volume"},
       {"Source", "share"},
       {"VolumeOptions", {{"DriverConfig", {{"Name", "local"}, {"Options", {{"type", "nfs"}}}}}}}},
      {{"Type", "bind"}, {"Source", "/srv"}},
      {{"Type", "bind"}, {"Source", "/etc"}, {"ReadOnly", true}},
      {{"Type", "bind"}, {"Source", "/var/run/docker.sock"}},
      {{"Type", "tmpfs"}}};
  const Json services = {{{"ID", "s1"},
                          {"Spec",
                           {{"Name", "shop"},
                            {"Mode", {{"Replicated", {{"Replicas", 3}}}}},
                            {"EndpointSpec",
                             {{"Ports",
                               {{{"Protocol", "tcp"}, {"PublishedPort", 80}, {"PublishMode", "host"}},
                                {{"Protocol", "tcp"}, {"PublishedPort", 81}, {"PublishMode", "ingress"}}}}}},
                            {"TaskTemplate",
                             {{"ContainerSpec", {{"Mounts", mounts}}},
                              {"Resources", {{"Reservations", {{"NanoCPUs", 7}, {"MemoryBytes", 8}}}}},
                              {"Placement",
                               {{"Constraints", {"node.role==worker"}},
                                {"MaxReplicas", 2},
                                {"Platforms", {{{"Architecture", "aarch64"}, {"OS", "linux"}}}}}}}}}}}};
  const Json tasks = {{{"ServiceID", "s1"}, {"NodeID", "n1"}, {"DesiredState", "running"}},
                      {{"ServiceID", "s1"}, {"NodeID", "n1"}, {"DesiredState", "shutdown"}}};
  const auto picture = picture_of(nodes, services, tasks);
  ASSERT_EQ(picture.places.size(), 1U);
  const auto& node = picture.places[0];
  EXPECT_EQ(node.id + node.hostname + node.role + node.os + node.architecture, "n1oneworkerlinuxamd64");
  EXPECT_TRUE(node.is_ready && node.takes_tasks);
  EXPECT_EQ(node.total.nano_cpus + node.total.memory_bytes, 9);
  EXPECT_EQ(node.volume_plugins, std::set<std::string>{"local"});
  ASSERT_EQ(picture.workloads.size(), 1U);
  const auto& shop = picture.workloads[0];
  EXPECT_EQ(shop.name, "shop");
  EXPECT_EQ(shop.replicas, 3);
  EXPECT_EQ(shop.most_per_node, 2);
  EXPECT_EQ(shop.needs.nano_cpus + shop.needs.memory_bytes, 15);
  EXPECT_EQ(shop.host_ports, (std::set<HostPort>{{"tcp", 80}}));
  EXPECT_EQ(shop.platforms[0].second, "arm64");
  EXPECT_EQ(shop.volume_plugins, std::set<std::string>{"csi"});
  EXPECT_EQ(join(shop.local_data, " "), "data /srv");
  EXPECT_EQ(picture.tasks.size(), 1U);
}

TEST(Scheduler, WhatIsNoAnswerIsNobody) {
  const auto picture = picture_of("x", nullptr, Json::array({1, nullptr}));
  EXPECT_TRUE(picture.workloads.empty());
  EXPECT_TRUE(picture.tasks.empty());
}

SwarmPicture three_nodes(Workload workload, std::vector<Placed> tasks) {
  return {.places = {task_node("a", {{"db", "yes"}}), task_node("b"), task_node("c")},
          .workloads = {std::move(workload)},
          .tasks = std::move(tasks)};
}

std::string impact_text(const Impact& impact) {
  return "refused: " + join(impact.refusals, "; ") + " | warned: " + join(impact.warnings, "; ");
}

const Outage passing_a = {.node_id = "a", .node = "worker-1", .kind = Outage::Kind::passing};
const Outage removed_a = {.node_id = "a", .node = "worker-1", .kind = Outage::Kind::removed};
const Outage replaced_a = {.node_id = "a", .node = "worker-1", .kind = Outage::Kind::replaced};

TEST(Impact, AServiceThatFindsAPlaceIsNoMatter) {
  const auto picture = three_nodes({.id = "s", .name = "web", .replicas = 2}, {{"s", "a"}, {"s", "b"}});
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{passing_a}, picture, {})), "refused:  | warned: ");
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{removed_a}, picture, {})), "refused:  | warned: ");
}

TEST(Impact, ASingleReplicaIsDownWhileItMoves) {
  const auto picture = three_nodes({.id = "s", .name = "web", .replicas = 1}, {{"s", "a"}});
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{passing_a}, picture, {})),
            "refused:  | warned: service web has one replica, on worker-1: down while it moves");
}

TEST(Impact, AServiceThatMayBeNowhereElseIsHomeless) {
  const auto picture = three_nodes({.id = "s", .name = "db", .replicas = 2, .constraints = {"node.labels.db==yes"}},
                                   {{"s", "a"}, {"s", "a"}});
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{passing_a}, picture, {})),
            "refused: service db on worker-1: 2 of its 2 tasks would find no other node meanwhile (b, c: "
            "node.labels.db==yes) | warned: ");
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{passing_a}, picture, {"d*"})),
            "refused:  | warned: service db on worker-1: 2 of its 2 tasks would find no other node meanwhile (b, c: "
            "node.labels.db==yes)");
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{replaced_a}, picture, {})), "refused:  | warned: ")
      << "its successor has the label";
}

TEST(Impact, NodesThatGoTogetherTakeNothingFromOneAnother) {
  const auto picture =
      three_nodes({.id = "s", .name = "web", .replicas = 3, .host_ports = {{"tcp", 80}}}, {{"s", "a"}, {"s", "b"}});
  const Outage removed_b = {.node_id = "b", .node = "worker-2", .kind = Outage::Kind::removed};
  const auto impact = impact_of(std::vector<Outage>{removed_a}, picture, {});
  EXPECT_TRUE(impact.refusals.empty()) << "c is free";
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{removed_a, removed_b}, picture, {})),
            "refused: service web on worker-1, worker-2: 1 of its 2 tasks would find no other node (there are no "
            "others) | warned: ");
}

TEST(Impact, DataStaysBehind) {
  const auto picture = three_nodes({.id = "s", .name = "db", .replicas = 2, .local_data = {"pgdata"}}, {{"s", "a"}});
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{passing_a}, picture, {})),
            "refused: service db moves away from worker-1 and its data does not: pgdata | warned: ");
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{removed_a}, picture, {})),
            "refused: service db loses its data on worker-1: pgdata | warned: ");
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{replaced_a}, picture, {"db"})),
            "refused:  | warned: service db loses its data on worker-1: pgdata");
}

TEST(Impact, AGlobalServiceStopsAndComesBack) {
  const auto picture = three_nodes({.id = "s", .name = "agent", .is_global = true, .local_data = {"/var/log"}},
                                   {{"s", "a"}, {"s", "b"}});
  EXPECT_EQ(impact_text(impact_of(std::vector<Outage>{passing_a}, picture, {})), "refused:  | warned: ");
}

TEST(Impact, OtherLabelsStopWhatMayNotBeThereAnyMore) {
  const auto picture = three_nodes({.id = "s", .name = "db", .constraints = {"node.labels.db==yes"}}, {{"s", "a"}});
  const std::vector<Relabelling> gone = {{.node_id = "a", .node = "worker-1", .gone = {"db"}}};
  const std::vector<Relabelling> other = {{.node_id = "a", .node = "worker-1", .set = {{"db", "no"}}}};
  const std::vector<Relabelling> more = {{.node_id = "a", .node = "worker-1", .set = {{"tier", "web"}}}};
  const std::vector<Relabelling> elsewhere = {{.node_id = "b", .node = "worker-2", .set = {{"db", "no"}}}};
  const std::string stopped =
      "service db is stopped on worker-1 by its new labels: node.labels.db==yes is not met any more";
  EXPECT_EQ(impact_text(impact_of(gone, picture, {})), "refused: " + stopped + " | warned: ");
  EXPECT_EQ(impact_text(impact_of(other, picture, {})), "refused: " + stopped + " | warned: ");
  EXPECT_EQ(impact_text(impact_of(other, picture, {"*"})), "refused:  | warned: " + stopped);
  EXPECT_EQ(impact_text(impact_of(more, picture, {})), "refused:  | warned: ");
  EXPECT_EQ(impact_text(impact_of(elsewhere, picture, {})), "refused:  | warned: ");
}

TEST(Impact, OtherLabelsAreReadFromThePlan) {
  const ResourceId id = {member_kind, "w1"};
  State state;
  state.records[id] = {.resource = {.id = id, .driver = "host.swarm_node", .node = "w1"},
                       .object = {"id-w1", {{"labels", {{"tier", "web"}, {"old", "x"}, {"same", "s"}}}}}};
  Plan plan;
  Step step;
  step.action = StepAction::update;
  step.resource = {.id = id, .driver = "host.swarm_node", .node = "w1"};
  step.resource.inputs = {
      {"labels", {{"tier", "db"}, {"same", "s"}, {"zone", {{"$ref", "server/w1"}, {"field", "z"}}}}}};
  plan.steps = {step};
  const auto all = relabellings_of(plan, state);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].set, (std::map<std::string, std::string>{{"tier", "db"}}));
  EXPECT_EQ(all[0].gone, std::vector<std::string>{"old"});
  EXPECT_EQ(all[0].node_id, "id-w1");
}

TEST(SettleIn, AGlobalServiceShouldRunOnEachNodeThatFits) {
  auto picture =
      three_nodes({.id = "s", .name = "agent", .is_global = true, .constraints = {"node.labels.db==yes"}}, {});
  picture.workloads.push_back({.id = "r", .name = "web", .replicas = 1});
  const auto task = [](const char* state) {
    return Json::array({{{"ServiceID", "s"}, {"NodeID", "a"}, {"Status", {{"State", state}}}}});
  };
  EXPECT_EQ(join(missing_on("a", picture, Json::array()), " "), "agent");
  EXPECT_EQ(join(missing_on("a", picture, task("starting")), " "), "agent");
  EXPECT_EQ(join(missing_on("a", picture, task("running")), " "), "");
  EXPECT_EQ(join(missing_on("b", picture, Json::array()), " "), "");
  EXPECT_EQ(join(missing_on("nobody", picture, Json::array()), " "), "");
}

TEST(Impact, WhatIsTakenOutOfServiceIsReadFromThePlan) {
  State state;
  for (const char* node : {"w1", "w2", "w3", "w4", "w5"}) {
    const ResourceId id = {member_kind, node};
    state.records[id] = {.resource = {.id = id, .driver = "host.swarm_node", .node = node},
                         .object = {std::string("id-") + node, {{"availability", "active"}}}};
  }
  state.records.at({member_kind, "w5"}).object.attributes["availability"] = "drain";
  Plan plan;
  plan.changes = {
      {.id = {"engine", "w1"}, .driver = "host.engine", .node = "w1", .action = Action::update, .disruptive = true},
      {.id = {"engine", "w2"}, .driver = "host.engine", .node = "w2", .action = Action::update},
      {.id = {member_kind, "w3"}, .driver = "d", .node = "w3", .action = Action::replace},
      {.id = {member_kind, "w4"}, .driver = "d", .node = "w4", .action = Action::destroy},
      {.id = {member_kind, "w5"}, .driver = "d", .node = "w5", .action = Action::destroy}};
  std::vector<std::string> seen;
  for (const auto& outage : outages_of(plan, state))
    seen.push_back(outage.node + outage.node_id + std::to_string(static_cast<int>(outage.kind)));
  EXPECT_EQ(join(seen, " "), "w1id-w10 w3id-w31 w4id-w42");
}

}  // namespace
}  // namespace skep
