// Whole applies at the simulated cloud: what is made, what it costs in requests, that a second plan is empty, that
// changes are of the right kind, and that nothing is left.
#include <gmock/gmock.h>

#include "tests/providers/hetzner/hetzner_kit.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Spec full_spec() {
  Spec spec = hetzner_spec(3, 1);
  add_volume(spec.pools["worker"], 10);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443}, {.port = 80, .to = 8080}}};
  spec.firewall.inbound = {{.port = "443"}};
  return spec;
}

void expect_ok(const Result<Summary>& result) {
  ASSERT_TRUE(result.ok()) << result.error().message << "\n" << result.error().hint;
}

TEST(HetznerApply, EverythingIsMadeAndASecondPlanIsEmpty) {
  HetznerWorld world;
  expect_ok(world.apply(full_spec()));
  EXPECT_EQ(world.what_exists(), R"(ssh_keys: demo-cf2918922c3f
networks: demo-hetzner
firewalls: demo-hetzner
placement_groups: demo-manager
servers: demo-manager-1 demo-manager-2 demo-manager-3 demo-worker-1
volumes: demo-worker-1-data
floating_ips: demo-ingress
load_balancers: demo-web
)");
  EXPECT_EQ(world.plan_text(full_spec()), "");
  world.restart();
  EXPECT_EQ(world.plan_text(full_spec()), "");
  const auto violations = world.judge().violations();
  EXPECT_TRUE(violations.empty()) << violations.front();

  const Json server = world.object("server/worker-1").attributes;
  EXPECT_EQ(server["ssh_user"], "root");
  EXPECT_EQ(server["power"], "on");
  EXPECT_THAT(server["host_key"].get<std::string>(), HasSubstr("ssh-ed25519 AAAA"));
  EXPECT_THAT(server["address"].get<std::string>(), HasSubstr("198.18."));
  EXPECT_THAT(server["private_address"].get<std::string>(), HasSubstr("172.27."));
  EXPECT_THAT(world.object("volume/worker-1-data").attributes["device"].get<std::string>(), HasSubstr("HC_Volume_"));
}

TEST(HetznerApply, ThreeNodesCostOneRequestAnObjectAndFewPolls) {
  Spec spec = hetzner_spec(3);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  HetznerWorld world;
  expect_ok(world.apply(spec));
  std::size_t made = 0;
  std::size_t listed = 0;
  for (const auto& [request, count] : world.cloud.requests()) {
    if (request.starts_with("POST ")) made += count;
    if (request.starts_with("GET ") && request.find("{}") == std::string::npos && request != "GET /actions") {
      const std::size_t most = request == "GET /servers" ? 4 : request == "GET /ssh_keys" ? 2 : 1;  // ours, then all
      EXPECT_LE(count, most) << request;
      listed += count;
    }
  }
  EXPECT_EQ(made, 8U) << "key, network, firewall, group, three servers, floating IP";
  EXPECT_LE(listed, 10U);

  world.restart();
  const auto before = world.cloud.requests();
  EXPECT_EQ(world.plan_text(spec), "");
  std::size_t asked = 0;
  for (const auto& [request, count] : world.cloud.requests()) {
    const auto old = before.find(request);
    const std::size_t more = count - (old == before.end() ? 0 : old->second);
    EXPECT_LE(more, 1U) << request;
    asked += more;
  }
  EXPECT_LE(asked, 7U) << "one list a kind";
}

TEST(HetznerApply, BackupsHealthChecksAndCertificatesAreMadeAndTakenBack) {
  HetznerWorld world;
  Spec spec = full_spec();
  spec.pools["worker"].backups = true;
  spec.load_balancers["web"] = {
      .pool = "worker",
      .listen = {{.port = 443, .to = 8080, .protocol = "https", .certificate = "897"}, {.port = 80}},
      .health_check = {.path = "/health", .interval = std::chrono::seconds(5), .retries = 2}};
  expect_ok(world.apply(spec));
  EXPECT_EQ(world.plan_text(spec), "");
  for (const auto& server : world.cloud.all("servers")) {
    EXPECT_EQ(server["backup_window"].is_string(), server["name"] == "demo-worker-1") << server["name"];
  }
  const Json balancer = world.cloud.all("load_balancers").front();
  for (const auto& service : balancer["services"]) {
    EXPECT_EQ(service["health_check"]["http"]["path"], "/health");
    EXPECT_EQ(service["health_check"]["retries"], 2);
  }
  world.restart();
  expect_ok(world.apply(full_spec()));
  EXPECT_EQ(world.plan_text(full_spec()), "");
  for (const auto& server : world.cloud.all("servers")) EXPECT_TRUE(server["backup_window"].is_null());
  const auto violations = world.judge().violations();
  EXPECT_TRUE(violations.empty()) << violations.front();
}

TEST(HetznerApply, DestroyLeavesNothing) {
  HetznerWorld world;
  Spec spec = full_spec();
  spec.pools["worker"].protect = true;
  expect_ok(world.apply(spec));
  expect_ok(world.destroy(spec));
  EXPECT_EQ(world.what_exists(), "");
  EXPECT_TRUE(world.cloud.all("primary_ips").empty());
  EXPECT_TRUE(world.store.state().records.empty());
}

TEST(HetznerApply, DestroyWithoutAStateLeavesNothing) {
  HetznerWorld world;
  expect_ok(world.apply(full_spec()));
  world.store.set_state({.lineage = "new", .digest_key = "key"});
  world.restart();
  // No order is known, and here is one thread: the firewall waits in vain for the servers after it.
  (void)world.destroy(full_spec());
  expect_ok(world.destroy(full_spec()));
  EXPECT_EQ(world.what_exists(), "");
}

TEST(HetznerApply, ChangesAreOfTheRightKind) {
  struct Case {
    const char* name;
    std::function<void(Spec&)> change;
    std::string plan;
  };
  const std::vector<Case> cases = {
      {"another type", [](Spec& spec) { spec.pools["worker"].type = "cx33"; },
       "update server/worker-1 type: cx23 -> cx33 (disruptive)\n"},
      {"another image", [](Spec& spec) { spec.pools["worker"].image = "debian-13"; }, ""},
      {"a larger volume", [](Spec& spec) { spec.pools["worker"].volumes["data"].size_bytes = 20'000'000'000; },
       "update volume/worker-1-data size: 10 GB -> 20 GB\n"},
      {"one more port", [](Spec& spec) { spec.load_balancers["web"].listen.push_back({.port = 81}); },
       "update load_balancer/web listen: 2 others -> port 81 protocol tcp to 81 and 2 others\n"},
      {"backups", [](Spec& spec) { spec.pools["worker"].backups = true; },
       "update server/worker-1 backups: false -> true\n"},
      {"a health check", [](Spec& spec) { spec.load_balancers["web"].health_check.path = "/health"; },
       "update load_balancer/web health_check.path:  -> /health\n"},
      {"a certificate",
       [](Spec& spec) {
         spec.load_balancers["web"].listen = {{.port = 443, .to = 8080, .protocol = "https", .certificate = "897"}};
       },
       "update load_balancer/web listen: port 80 protocol tcp to 8080; port 443 protocol tcp to 443 -> certificate 897 "
       "port 443 protocol https to 8080\n"},
      {"a protected pool", [](Spec& spec) { spec.pools["worker"].protect = true; },
       "update server/worker-1 protected: false -> true\n"},
      {"a worker less", [](Spec& spec) { spec.pools["worker"].nodes.clear(); },
       "destroy load_balancer/web\ndestroy server/worker-1\ndestroy volume/worker-1-data\n"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    HetznerWorld world;
    expect_ok(world.apply(full_spec()));
    Spec changed = full_spec();
    one.change(changed);
    EXPECT_EQ(world.plan_text(changed), one.plan);
    expect_ok(world.apply(changed));
    world.restart();
    EXPECT_EQ(world.plan_text(changed), "");
    const auto violations = world.judge().violations();
    EXPECT_TRUE(violations.empty()) << violations.front();
  }
}

TEST(HetznerApply, AnotherLocationReplacesTheServer) {
  HetznerWorld world;
  Spec spec = hetzner_spec(1, 1);
  expect_ok(world.apply(spec));
  spec.pools["worker"].location = "nbg1";
  EXPECT_THAT(world.plan_text(spec), HasSubstr("replace server/worker-1"));
  expect_ok(world.apply(spec));
  EXPECT_THAT(world.what_exists(), HasSubstr("servers: demo-manager-1 demo-worker-1-g2\n"));
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(HetznerApply, DriftIsSeenAndMended) {
  HetznerWorld world;
  expect_ok(world.apply(full_spec()));
  const auto tell = [&](const std::string& method, const std::string& path, const Json& body) {
    const Request request{method,
                          "http://cloud/v1" + path,
                          {{"Authorization", "Bearer " + std::string(64, 'k')}, {"Content-Type", "application/json"}},
                          body.dump()};
    const auto answer = world.judge().send(request, {});
    EXPECT_LT(answer.value().status, 300) << answer.value().body;
    world.clock.advance(std::chrono::minutes(1));
  };
  tell("POST", "/servers/" + world.object("server/worker-1").remote_id + "/actions/poweroff", Json::object());
  tell("POST", "/firewalls/" + world.object("firewall/hetzner").remote_id + "/actions/set_rules",
       {{"rules", Json::array()}});
  tell("POST", "/floating_ips/" + world.object("floating_ip/ingress").remote_id + "/actions/unassign", Json::object());
  const std::string plan = world.plan_text(full_spec());
  EXPECT_THAT(plan, HasSubstr("update server/worker-1 power: off -> on"));
  EXPECT_THAT(plan, HasSubstr("update firewall/hetzner rules"));
  EXPECT_THAT(plan, HasSubstr("update floating_ip/ingress server"));
  expect_ok(world.apply(full_spec()));
  EXPECT_EQ(world.plan_text(full_spec()), "");
}

/// The servers that the cluster's load balancer sends connections to.
std::size_t balanced(HetznerWorld& world) {
  const std::string path = "/load_balancers/" + world.object("load_balancer/web").remote_id;
  const Request request{"GET", "http://cloud/v1" + path, {{"Authorization", "Bearer " + std::string(64, 'k')}}, ""};
  const Json answer = Json::parse(world.judge().send(request, {}).value().body);
  return answer.at("load_balancer").at("targets").at(0).at("targets").size();
}

TEST(HetznerApply, AServerOutOfServiceIsBehindNoBalancer) {
  HetznerWorld world;
  expect_ok(world.apply(full_spec()));
  EXPECT_EQ(balanced(world), 1U);
  Record record = world.store.state().records.at({"server", "worker-1"});
  record.resource.inputs = record.applied;
  record.resource.inputs["serving"] = false;
  const auto out = world.driver("hetzner.server")->update(record.resource, record.object, {});
  ASSERT_TRUE(out.ok()) << out.error().message;
  EXPECT_EQ(balanced(world), 0U);
  EXPECT_EQ(world.plan_text(full_spec()), "update server/worker-1 serving: false -> true\n");
  expect_ok(world.apply(full_spec()));
  EXPECT_EQ(balanced(world), 1U);
  EXPECT_EQ(world.plan_text(full_spec()), "");
}

TEST(HetznerApply, AServerThatIsTurnedOffForAnotherTypeLeavesItsBalancerFirst) {
  HetznerWorld world;
  expect_ok(world.apply(full_spec()));
  Spec spec = full_spec();
  spec.pools["worker"].type = "cx33";
  const auto plan = world.plan(spec);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  std::vector<std::string> course;
  for (const Step& step : plan.value().steps) {
    if (step.resource.id == ResourceId{"server", "worker-1"})
      course.push_back(json_string_or(step.resource.inputs, "type") + step.resource.inputs["serving"].dump());
  }
  EXPECT_EQ(course, (std::vector<std::string>{"cx23false", "cx33false", "cx33true"}));
  expect_ok(world.carry_out(plan.value()));
  EXPECT_EQ(world.cloud.requests().at("PUT /servers/{}"), 2U);
  EXPECT_EQ(balanced(world), 1U);
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(HetznerApply, AServerThatMustNotActIsTurnedOff) {
  HetznerWorld world;
  const Spec spec = hetzner_spec(1, 1);
  expect_ok(world.apply(spec));
  Record record = world.store.state().records.at({"server", "worker-1"});
  record.resource.inputs = record.applied;
  record.resource.inputs["power"] = "off";
  const auto off = world.driver("hetzner.server")->update(record.resource, record.object, {});
  ASSERT_TRUE(off.ok()) << off.error().message;
  EXPECT_EQ(off.value().attributes.at("power"), "off");
  world.clock.advance(std::chrono::minutes(1));
  EXPECT_NE(world.plan_text(spec).find("update server/worker-1 power: off -> on"), std::string::npos)
      << world.plan_text(spec);
  expect_ok(world.apply(spec));
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(HetznerApply, AServerThatIsGoneIsMadeAgain) {
  HetznerWorld world;
  const Spec spec = hetzner_spec(1, 1);
  expect_ok(world.apply(spec));
  const Request request{"DELETE",
                        "http://cloud/v1/servers/" + world.object("server/worker-1").remote_id,
                        {{"Authorization", "Bearer " + std::string(64, 'k')}},
                        {}};
  ASSERT_EQ(world.judge().send(request, {}).value().status, 200);
  EXPECT_THAT(world.plan_text(spec), HasSubstr("create server/worker-1"));
  expect_ok(world.apply(spec));  // its name becomes free while we wait
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(HetznerApply, AfterTheStateIsLostEverythingIsAdopted) {
  HetznerWorld world;
  expect_ok(world.apply(full_spec()));
  const std::string before = world.what_exists();
  const std::string key = world.object("server/worker-1").attributes["host_key"];
  const auto requests = world.cloud.requests().at("POST /servers");
  world.store.set_state({.lineage = "new", .digest_key = "key"});
  world.restart();
  expect_ok(world.apply(full_spec()));
  EXPECT_EQ(world.what_exists(), before);
  EXPECT_EQ(world.cloud.requests().at("POST /servers"), requests);
  EXPECT_EQ(world.object("server/worker-1").attributes["host_key"], key) << "the pin is found again";
  EXPECT_EQ(world.plan_text(full_spec()), "");
}

TEST(HetznerApply, WhatIsNotOursIsNeverTaken) {
  HetznerWorld world;
  const Request request{
      "POST",
      "http://cloud/v1/servers",
      {{"Authorization", "Bearer " + std::string(64, 'k')}, {"Content-Type", "application/json"}},
      R"({"name":"demo-manager-1","server_type":"cx23","image":"debian-12","labels":{"skep.cluster":"other"}})"};
  ASSERT_EQ(world.judge().send(request, {}).value().status, 201);
  const auto result = world.apply(hetzner_spec(1));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::refused);
  EXPECT_THAT(result.error().message, HasSubstr("holds a server named demo-manager-1 that is not this cluster's"));
  EXPECT_EQ(world.cloud.all("servers").size(), 1U);
}

TEST(HetznerApply, AKeyThatSomebodyElseBroughtIsUsedAndLeft) {
  HetznerWorld world;
  const Request request{"POST",
                        "http://cloud/v1/ssh_keys",
                        {{"Authorization", "Bearer " + std::string(64, 'k')}, {"Content-Type", "application/json"}},
                        Json{{"name", "theirs"}, {"public_key", public_key}}.dump()};
  ASSERT_EQ(world.judge().send(request, {}).value().status, 201);
  const Spec spec = hetzner_spec(1);
  expect_ok(world.apply(spec));
  EXPECT_EQ(world.plan_text(spec), "");
  expect_ok(world.destroy(spec));
  EXPECT_EQ(world.what_exists(), "ssh_keys: theirs\n");
}

TEST(HetznerApply, ListsThatLagBehindDoNoHarm) {
  HetznerWorld world({.list_lag = std::chrono::seconds(20)});
  const Spec spec = full_spec();
  expect_ok(world.apply(spec));
  world.clock.advance(std::chrono::minutes(1));
  world.restart();
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(HetznerApply, NoCapacitySaysWhatThereIsInstead) {
  HetznerWorld world({.sold_out = {{"cx23", "fsn1"}}});
  const auto result = world.apply(hetzner_spec(1));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::exhausted);
  EXPECT_THAT(result.error().hint, HasSubstr("fsn1 offers"));
  EXPECT_THAT(result.error().hint, HasSubstr("cx33"));
  EXPECT_THAT(result.error().hint, Not(HasSubstr("cx22")));
}

TEST(HetznerApply, TheHostKeyIsInTheUserDataAndNowhereElse) {
  HetznerWorld world;
  expect_ok(world.apply(hetzner_spec(1)));
  const Object server = world.object("server/manager-1");
  const std::string told = world.cloud.user_data(std::stoll(server.remote_id));
  EXPECT_THAT(told, HasSubstr(server.attributes["host_key"].get<std::string>()));
  EXPECT_THAT(told, HasSubstr("OPENSSH PRIVATE KEY"));
  for (const auto& [id, record] : world.store.state().records) {
    EXPECT_THAT(record.applied.dump() + record.object.attributes.dump() + record.resource.inputs.dump(),
                Not(HasSubstr("PRIVATE KEY")));
  }
}

}  // namespace
}  // namespace skep::testing
