// The forms for other tools: graphs, outputs, status, reference pages.
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/render/graph.h"
#include "cli/render/output_forms.h"
#include "cli/render/reference.h"
#include "cli/render/status_text.h"
#include "tests/cli/render/golden.h"
#include "tests/cli/render/sample_plan.h"

namespace skep {
namespace {

constexpr const char* host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbc";

Record record_of(ResourceId id, const std::string& driver, const std::string& node, const std::string& remote_id,
                 Attributes attributes) {
  return {.resource = {.id = std::move(id), .driver = driver, .node = node},
          .object = {remote_id, std::move(attributes)}};
}

Spec sample_spec() {
  Spec spec;
  spec.name = "demo";
  spec.pools["manager"] = {
      .name = "manager", .role = Role::manager, .provider = "local", .nodes = {{.name = "manager-1"}}};
  spec.pools["worker"] = {.name = "worker",
                          .role = Role::worker,
                          .provider = "local",
                          .nodes = {{.name = "worker-1"}, {.name = "worker-2"}}};
  spec.floating_ips["ingress"] = {"manager"};
  return spec;
}

void add(State& state, Record record) { state.records[record.resource.id] = std::move(record); }

Attributes machine(const std::string& address, int port = 22) {
  return {{"address", address}, {"private_address", address}, {"ssh_port", port},
          {"ssh_user", "root"}, {"host_key", host_key},       {"power", "on"}};
}

State sample_state() {
  State state;
  add(state, record_of({"server", "manager-1"}, "local.server", "manager-1", "m1", machine("10.0.0.2")));
  add(state, record_of({"server", "manager-1", 2}, "local.server", "manager-1", "m1b", machine("10.0.0.9")));
  add(state, record_of({"server", "worker-1"}, "local.server", "worker-1", "w1", machine("10.0.0.3", 2222)));
  add(state, record_of({"engine", "manager-1", 2}, "host.engine", "manager-1", "e1", {{"engine_version", "20.10.24"}}));
  add(state, record_of({"engine", "worker-1"}, "host.engine", "worker-1", "e2", {{"engine_version", "20.10.24"}}));
  add(state, record_of({"swarm_node", "manager-1", 2}, "host.swarm_node", "manager-1", "n1",
                       {{"state", "ready"}, {"availability", "active"}}));
  add(state, record_of({"swarm_node", "worker-1"}, "host.swarm_node", "worker-1", "n2",
                       {{"state", "down"}, {"availability", "active"}}));
  add(state, record_of({"swarm_manager", "manager-1", 2}, "host.swarm_manager", "manager-1", "n1",
                       {{"reachability", "reachable"}, {"leader", true}}));
  add(state, record_of({"floating_ip", "ingress"}, "local.floating_ip", "", "f1",
                       {{"address", "10.0.0.100"}, {"server", "m1b"}}));
  return state;
}

ClusterOutput sample_output() {
  return {.cluster = "demo",
          .swarm_id = "sw1",
          .identity_file = "/root/.ssh/id_ed25519",
          .nodes = nodes_of(sample_spec(), sample_state()),
          .floating_ips = floating_ips_of(sample_spec(), sample_state())};
}

TEST(Nodes, TheNewestMachineCountsAndManagersComeFirst) {
  const auto nodes = nodes_of(sample_spec(), sample_state());
  ASSERT_EQ(nodes.size(), 3U);
  EXPECT_EQ(nodes[0].name, "manager-1");
  EXPECT_EQ(nodes[0].address, "10.0.0.9");
  EXPECT_EQ(nodes[1].port, 2222);
  EXPECT_FALSE(nodes[2].has_machine());
}

// The private networks end at their providers.
TEST(Nodes, MembersAtSeveralProvidersReachOneAnotherAtTheirPublicAddresses) {
  Spec spec = sample_spec();
  State state = sample_state();
  state.records.at({"server", "worker-1"}).object.attributes["private_address"] = "172.27.0.3";
  const auto address_of_worker = [&] {
    const auto nodes = nodes_of(spec, state);
    return std::ranges::find(nodes, "worker-1", &NodeInfo::name)->private_address;
  };
  EXPECT_EQ(address_of_worker(), "172.27.0.3");
  spec.pools["worker"].provider = "existing";
  EXPECT_EQ(address_of_worker(), "10.0.0.3");
}

TEST(Nodes, ANodeThatLeftTheSpecIsStillKnown) {
  State state = sample_state();
  add(state, record_of({"server", "old-1"}, "local.server", "old-1", "o1", machine("10.0.0.7")));
  const auto nodes = nodes_of(sample_spec(), state);
  EXPECT_EQ(nodes.back().name, "old-1");
  EXPECT_EQ(nodes.back().role, "");
}

TEST(FloatingIps, TheHolderIsNamedByItsNode) {
  const auto ips = floating_ips_of(sample_spec(), sample_state());
  ASSERT_EQ(ips.size(), 1U);
  EXPECT_EQ(ips[0].node, "manager-1");
}

TEST(Output, EveryForm) {
  expect_golden("output.json", dump_json_pretty(output_json(sample_output())));
  expect_golden("output.env", output_dotenv(sample_output()));
  expect_golden("output.ssh_config", output_ssh_config(sample_output()));
  expect_golden("output.inventory.yaml", output_inventory(sample_output()));
  expect_golden("output.docker-context", output_docker_context(sample_output()));
}

TEST(Output, NothingIsThereYet) {
  const ClusterOutput output = {.cluster = "demo", .nodes = nodes_of(sample_spec(), {})};
  EXPECT_EQ(output_dotenv(output), "SKEP_CLUSTER=demo\n");
  EXPECT_EQ(output_docker_context(output), "");
  EXPECT_NE(output_inventory(output).find("hosts: {}"), std::string::npos);
}

TEST(Graph, ThePlanInBothLanguages) {
  expect_golden("graph.mermaid", mermaid_text(plan_graph(sample_plan())));
  expect_golden("graph.dot", dot_text(plan_graph(sample_plan())));
}

TEST(Graph, ResourcesAreOrderedByWhatTheyNeed) {
  const std::vector<Resource> resources = {{.id = {"network", "main"}},
                                           {.id = {"server", "a"}, .needs = {{"network", "main"}, {"gone", "x"}}}};
  EXPECT_EQ(mermaid_text(resource_graph(resources)),
            "flowchart LR\n  r0[\"network/main\"]\n  r1[\"server/a\"]\n  r0 --> r1\n");
  EXPECT_EQ(graph_json(resource_graph(resources))["boxes"][1]["before"][0], "network/main");
}

TEST(Status, OneScreenWithDriftAndAVerdict) {
  ClusterStatus status = cluster_status(sample_spec(), sample_state());
  status.header = {"demo", "local", "state 9, written just now by anna on build-7"};
  status.plan.changes = {change_of("server", "worker-2", Action::create, {{"image", "", "debian-12"}}, "worker-2")};
  status.plan.steps.resize(1);
  EXPECT_FALSE(status.is_healthy());
  EXPECT_TRUE(status.has_drift());
  expect_golden("status.txt", status_text(status, {}));
  expect_golden("status.json", dump_json_pretty(status_json(status)));
}

TEST(Status, HealthyWhenEveryNodeIsReady) {
  Spec spec = sample_spec();
  spec.pools["worker"].nodes.pop_back();
  State state = sample_state();
  state.records[{"swarm_node", "worker-1"}].object.attributes["state"] = "ready";
  const auto status = cluster_status(spec, state);
  EXPECT_EQ(health_text(status), "healthy: 2 of 2 nodes ready, 1 of 1 manager reachable");
  EXPECT_TRUE(status.is_healthy());
  EXPECT_FALSE(status.has_drift());
}

TEST(Status, TroubleNamesWhatIsWrong) {
  Spec spec = sample_spec();
  State state = sample_state();
  state.unread[{"engine", "worker-1"}] = "connection refused";
  state.records[{"server", "manager-1", 2}].object.attributes["power"] = "off";
  const auto status = cluster_status(spec, state);
  EXPECT_EQ(status.nodes[0].trouble(), "its machine is off");
  EXPECT_EQ(status.nodes[1].trouble(), "cannot be read: connection refused");
  EXPECT_EQ(status.nodes[2].trouble(), "has no machine");
}

TEST(Status, WhatCannotBeReadIsToldOnce) {
  State state = sample_state();
  state.unread[{"engine", "worker-1"}] = "connection refused";
  ClusterStatus status = cluster_status(sample_spec(), state);
  status.plan.warnings = {"worker-1 cannot be read: connection refused; taken as last recorded", "something else"};
  const std::string text = status_text(status, {});
  EXPECT_EQ(text.find("worker-1 cannot be read"), text.rfind("worker-1 cannot be read")) << text;
  EXPECT_NE(text.find("! something else\n"), std::string::npos) << text;
  EXPECT_NE(text.find("no drift: what can be read is as the spec says"), std::string::npos) << text;
}

TEST(Status, SaysHowTheServicesAre) {
  Spec spec = sample_spec();
  spec.pools["worker"].nodes.pop_back();
  State state = sample_state();
  state.records[{"swarm_node", "worker-1"}].object.attributes["state"] = "ready";
  ClusterStatus status = cluster_status(spec, state);
  status.swarm = SwarmCondition{.services = 3};
  EXPECT_EQ(health_text(status), "healthy: 2 of 2 nodes ready, 1 of 1 manager reachable, 3 services as wanted");
  status.swarm->problems = {"shop_web (1 of 2: no suitable node)"};
  EXPECT_FALSE(status.is_healthy());
  EXPECT_EQ(health_text(status), "degraded: 2 of 2 nodes ready, 1 of 1 manager reachable, 3 services");
  EXPECT_NE(status_text(status, {}).find("! swarm: shop_web (1 of 2: no suitable node)\n"), std::string::npos);
  EXPECT_EQ(status_json(status).at("swarm").at("services"), 3);
}

TEST(Status, NothingBuiltYet) {
  EXPECT_EQ(health_text(cluster_status(sample_spec(), {})), "not built yet: skep apply makes it");
}

TEST(Reference, KindsSayWhatAChangeMeans) {
  const Schema schema = {
      .driver = "local.server",
      .doc = "A machine.",
      .inputs = {{.name = "image", .on_change = OnChange::replace, .required = true, .doc = "What | boots."}},
      .outputs = {{.name = "address", .doc = "Where it is."}},
      .holds_data = true};
  const std::string text = kinds_markdown({&schema});
  EXPECT_NE(text.find("| `image` | replaces | What \\| boots. Required. |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| `address` | Where it is. |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("holds data"), std::string::npos);
}

TEST(Reference, KeysOfTheSpecByTheirPaths) {
  const Json schema = {
      {"type", "object"},
      {"properties",
       {{"name", {{"type", "string"}, {"description", "Its name."}}},
        {"pools",
         {{"type", "object"},
          {"patternProperties",
           {{"^[a-z]+$",
             {{"type", "object"},
              {"properties", {{"role", {{"enum", {"manager", "worker"}}, {"default", "worker"}}}}}}}}}}}}}};
  const std::string text = spec_markdown(schema);
  EXPECT_NE(text.find("| `name` | string | Its name. |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| `pools.NAME.role` | `manager`, `worker` | Default: `\"worker\"`. |\n"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace skep
