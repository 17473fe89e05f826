// Whole applies at the simulated DigitalOcean: what is made, that a second plan is empty, that changes are of the right
// kind, and that nothing is left.
#include <gmock/gmock.h>

#include "planner/base/ssh_key.h"
#include "tests/providers/digitalocean/digitalocean_kit.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Spec whole_spec() {
  Spec spec = digitalocean_spec(3, 1);
  add_volume(spec.pools["worker"], 10);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443}, {.port = 80, .to = 8080}}};
  spec.firewall.inbound = {{.port = "443"}};
  return spec;
}

void expect_done(const Result<Summary>& result) {
  ASSERT_TRUE(result.ok()) << result.error().message << "\n" << result.error().hint;
}

TEST(DigitalOceanApply, EverythingIsMadeAndASecondPlanIsEmpty) {
  DigitalOceanWorld world;
  expect_done(world.apply(whole_spec()));
  const std::string made = world.what_exists();
  EXPECT_THAT(made, HasSubstr("ssh_keys: skep:demo:ssh_key:cf2918922c3f:1\n"
                              "firewalls: demo-digitalocean\n"
                              "droplets: demo-manager-1 demo-manager-2 demo-manager-3 demo-worker-1\n"
                              "volumes: demo-worker-1-data\n"
                              "load_balancers: demo-web\n"));
  EXPECT_THAT(made, HasSubstr("vpc: demo-digitalocean\n"));
  EXPECT_THAT(made, HasSubstr("reserved_ip: demo-manager-1\n"));
  EXPECT_EQ(world.plan_text(whole_spec()), "");
  world.restart();
  EXPECT_EQ(world.plan_text(whole_spec()), "");

  const Json server = world.object("server/worker-1").attributes;
  EXPECT_EQ(server["ssh_user"], "root");
  EXPECT_EQ(server["power"], "on");
  EXPECT_THAT(server["host_key"].get<std::string>(), HasSubstr("ssh-ed25519 AAAA"));
  EXPECT_NE(server["address"], "");
  EXPECT_THAT(server["private_address"].get<std::string>(), HasSubstr("172."));
  EXPECT_EQ(world.object("volume/worker-1-data").attributes["device"],
            "/dev/disk/by-id/scsi-0DO_Volume_demo-worker-1-data");
  EXPECT_NE(world.object("load_balancer/web").attributes["address"], "");
}

TEST(DigitalOceanApply, NothingIsLeft) {
  DigitalOceanWorld world;
  expect_done(world.apply(whole_spec()));
  world.restart();
  expect_done(world.destroy(whole_spec()));
  EXPECT_EQ(world.what_exists(), "");
  EXPECT_TRUE(world.store.state().records.empty());
}

// So encrypted overlay networks carry nothing here, and a plan says so.
TEST(DigitalOceanApply, ItsFirewallsSayNoEsp) {
  DropletSimulator simulator;
  const auto wanted = [&](const char* protocol) {
    const Json everybody = {{"addresses", {"0.0.0.0/0"}}};
    return Json{{"name", "mine"},
                {"inbound_rules", {{{"protocol", protocol}, {"ports", "0"}, {"sources", everybody}}}}};
  };
  EXPECT_EQ(simulator.post("/firewalls", wanted("esp")).status, 422);
  EXPECT_EQ(simulator.post("/firewalls", wanted("udp")).status, 202);
  EXPECT_EQ(DigitalOceanWorld().provider().why_no_esp(), "DigitalOcean's firewalls let no ESP through");
}

TEST(DigitalOceanApply, TheStateIsLostAndEverythingIsFoundAgain) {
  DigitalOceanWorld world;
  expect_done(world.apply(whole_spec()));
  const std::string made = world.what_exists();
  const std::string key = world.object("server/worker-1").attributes["host_key"];
  world.store = {};
  world.restart();
  expect_done(world.apply(whole_spec()));
  EXPECT_EQ(world.what_exists(), made);
  EXPECT_EQ(world.object("server/worker-1").attributes["host_key"], key);
  EXPECT_EQ(world.plan_text(whole_spec()), "");
}

TEST(DigitalOceanApply, AnAddressThatNoDropletHasIsFoundAgainToo) {
  Spec spec = digitalocean_spec(1);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  DigitalOceanWorld world;
  expect_done(world.apply(spec));
  const std::string address = world.object("floating_ip/ingress").remote_id;
  world.ask("POST", "/reserved_ips/" + address + "/actions", {{"type", "unassign"}});
  world.clock.advance(std::chrono::minutes(1));
  world.store = {};
  world.restart();
  expect_done(world.apply(spec));
  EXPECT_EQ(world.object("floating_ip/ingress").remote_id, address);
  EXPECT_EQ(world.cloud.all("reserved_ips").size(), 1U);
}

TEST(DigitalOceanApply, AForeignAddressOnADropletIsNeverTaken) {
  Spec spec = digitalocean_spec(1);
  DigitalOceanWorld world;
  expect_done(world.apply(spec));
  world.ask("POST", "/reserved_ips", {{"droplet_id", world.droplet("demo-manager-1")["id"]}});
  world.clock.advance(std::chrono::minutes(1));
  spec.floating_ips["ingress"] = {.pool = "manager"};
  const auto refused = world.apply(spec);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("which is not this cluster's"));
  EXPECT_EQ(world.cloud.all("reserved_ips").size(), 1U);
}

TEST(DigitalOceanApply, ListsThatLagBehindMakeNoSecondDroplet) {
  int droplets_struck = 0;
  for (int position = 10; position < 30; ++position) {
    SCOPED_TRACE(position);
    DigitalOceanWorld world({.list_lag = std::chrono::seconds(8)});
    world.http().arm(position, Fault::reset_after);
    static_cast<void>(world.apply(digitalocean_spec(3)));
    if (world.http().struck() != "POST /droplets") continue;
    ++droplets_struck;
    world.http().arm(-1, Fault::reset_after);
    world.restart();
    world.clock.advance(std::chrono::seconds(20));
    expect_done(world.apply(digitalocean_spec(3)));
    EXPECT_EQ(world.cloud.all("droplets").size(), 3U);
    world.clock.advance(std::chrono::seconds(20));
    world.restart();
    EXPECT_EQ(world.plan_text(digitalocean_spec(3)), "");
  }
  EXPECT_EQ(droplets_struck, 3);
}

TEST(DigitalOceanApply, APlanRightAfterwardsIsEmptyThoughListsLagBehind) {
  Spec spec = digitalocean_spec(1);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  DigitalOceanWorld world({.list_lag = std::chrono::minutes(5)});
  expect_done(world.apply(spec));
  world.restart();
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(DigitalOceanApply, TwoDropletsOfOneNameAreForTheUserToJudge) {
  DigitalOceanWorld world;
  expect_done(world.apply(digitalocean_spec(1)));
  const Json first = world.droplet("demo-manager-1");
  const Json second =
      world.ask("POST", "/droplets", DropletSimulator::droplet_order("demo-manager-1", {{"tags", first["tags"]}}));
  world.clock.advance(std::chrono::minutes(2));
  EXPECT_THAT(world.plan_text(digitalocean_spec(1)), HasSubstr("all carry the marks of server/manager-1"));
  world.ask("DELETE", "/droplets/" + second["droplet"]["id"].dump());
  world.clock.advance(std::chrono::minutes(2));
  EXPECT_EQ(world.plan_text(digitalocean_spec(1)), "");
}

TEST(DigitalOceanApply, AnotherDropletOfTheSameNameIsNeverTaken) {
  DigitalOceanWorld world;
  const Json foreign = world.ask("POST", "/droplets", DropletSimulator::droplet_order("demo-manager-1"));
  world.clock.advance(std::chrono::minutes(2));
  expect_done(world.apply(digitalocean_spec(1)));
  EXPECT_NE(world.object("server/manager-1").remote_id, foreign["droplet"]["id"].dump());
  expect_done(world.destroy(digitalocean_spec(1)));
  EXPECT_EQ(world.what_exists(), "droplets: demo-manager-1\n");
}

TEST(DigitalOceanApply, TheAccountsLimitOfAMinuteIsKeptTo) {
  DigitalOceanWorld world({.rate_minute = 12});
  expect_done(world.apply(whole_spec()));
  expect_done(world.destroy(whole_spec()));
  EXPECT_EQ(world.what_exists(), "");
}

TEST(DigitalOceanApply, WhatOthersDoWithADropletIsWaitedFor) {
  DigitalOceanWorld world;
  Spec spec = digitalocean_spec(1);
  expect_done(world.apply(spec));
  const std::string path = "/droplets/" + world.droplet("demo-manager-1")["id"].dump() + "/actions";
  spec.pools["manager"].type = "s-4vcpu-8gb";
  world.ask("POST", path, {{"type", "snapshot"}, {"name", "by-hand"}});
  expect_done(world.apply(spec));
  EXPECT_EQ(world.droplet("demo-manager-1")["size_slug"], "s-4vcpu-8gb");
  world.ask("POST", path, {{"type", "snapshot"}, {"name", "once-more"}});
  expect_done(world.destroy(spec));
  EXPECT_EQ(world.what_exists(), "");
}

TEST(DigitalOceanApply, FirewallLetsTheClusterTalkAndKeepsOthersOut) {
  Spec spec = whole_spec();
  spec.firewall.ssh = {"203.0.113.0/24"};
  DigitalOceanWorld world;
  expect_done(world.apply(spec));
  world.clock.advance(std::chrono::minutes(1));
  const auto passes = [&](const char* name, const char* protocol, int port, const std::string& peer, bool inbound) {
    return world.cloud.passes({.droplet_id = world.droplet(name)["id"],
                               .inbound = inbound,
                               .protocol = protocol,
                               .port = port,
                               .peer = peer});
  };
  const std::string inner = world.object("server/worker-1").attributes["private_address"];
  EXPECT_TRUE(passes("demo-manager-1", "tcp", 2377, inner, true));
  EXPECT_TRUE(passes("demo-manager-1", "udp", 4789, inner, true));
  EXPECT_TRUE(passes("demo-manager-1", "tcp", 443, "192.0.2.9", true));
  EXPECT_TRUE(passes("demo-manager-1", "tcp", 22, "203.0.113.5", true));
  EXPECT_FALSE(passes("demo-manager-1", "tcp", 22, "192.0.2.9", true));
  EXPECT_FALSE(passes("demo-manager-1", "tcp", 2377, "192.0.2.9", true));
  EXPECT_FALSE(passes("demo-manager-1", "udp", 4789, "192.0.2.9", true));
  EXPECT_TRUE(passes("demo-manager-1", "tcp", 443, "192.0.2.9", false)) << "it may reach others";
  EXPECT_FALSE(passes("demo-worker-1", "tcp", 8080, "192.0.2.9", true)) << "only the load balancer leads there";
}

TEST(DigitalOceanApply, TheTypeIsChangedInPlaceWithThePowerOff) {
  DigitalOceanWorld world;
  Spec spec = digitalocean_spec(1);
  expect_done(world.apply(spec));
  const Json id = world.droplet("demo-manager-1")["id"];
  spec.pools["manager"].type = "s-4vcpu-8gb";
  EXPECT_EQ(world.plan_text(spec), "update server/manager-1 type: s-2vcpu-4gb -> s-4vcpu-8gb (disruptive)\n");
  expect_done(world.apply(spec));
  const Json changed = world.droplet("demo-manager-1");
  EXPECT_EQ(changed["id"], id);
  EXPECT_EQ(changed["size_slug"], "s-4vcpu-8gb");
  EXPECT_EQ(changed["status"], "active");
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(DigitalOceanApply, AServerOutOfServiceIsBehindNoBalancer) {
  DigitalOceanWorld world;
  expect_done(world.apply(whole_spec()));
  const auto balanced = [&] {
    const auto droplets = world.cloud.all("droplets");
    return std::ranges::count_if(droplets, [](const Json& one) {
      return one["name"] == "demo-worker-1" &&
             one["tags"].dump().find("\"skep:demo:pool:worker\"") != std::string::npos;
    });
  };
  EXPECT_EQ(balanced(), 1);
  Record record = world.store.state().records.at({"server", "worker-1"});
  record.resource.inputs = record.applied;
  record.resource.inputs["serving"] = false;
  const auto out = world.driver("digitalocean.server")->update(record.resource, record.object, {});
  ASSERT_TRUE(out.ok()) << out.error().message;
  EXPECT_EQ(balanced(), 0);
  EXPECT_EQ(world.plan_text(whole_spec()), "update server/worker-1 serving: false -> true\n");
  expect_done(world.apply(whole_spec()));
  EXPECT_EQ(balanced(), 1);
  EXPECT_EQ(world.plan_text(whole_spec()), "");
}

TEST(DigitalOceanApply, AServerThatMustNotActIsTurnedOff) {
  DigitalOceanWorld world;
  const Spec spec = digitalocean_spec(1);
  expect_done(world.apply(spec));
  Record record = world.store.state().records.at({"server", "manager-1"});
  record.resource.inputs = record.applied;
  record.resource.inputs["power"] = "off";
  const auto off = world.driver("digitalocean.server")->update(record.resource, record.object, {});
  ASSERT_TRUE(off.ok()) << off.error().message;
  EXPECT_EQ(off.value().attributes.at("power"), "off");
  world.clock.advance(std::chrono::minutes(1));
  EXPECT_NE(world.plan_text(spec).find("update server/manager-1 power: off -> on"), std::string::npos)
      << world.plan_text(spec);
  expect_done(world.apply(spec));
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(DigitalOceanApply, EachChangeIsOfItsKind) {
  struct Case {
    const char* name;
    std::function<void(Spec&)> change;
    std::string plan;
  };
  const std::vector<Case> cases = {
      {"another image", [](Spec& spec) { spec.pools["worker"].image = "ubuntu-24.04"; }, ""},
      {"a larger volume", [](Spec& spec) { add_volume(spec.pools["worker"], 20); },
       "update volume/worker-1-data size: 10 GB -> 20 GB\n"},
      {"protection", [](Spec& spec) { spec.pools["worker"].protect = true; },
       "update server/worker-1 protected: false -> true\n"},
      {"a load balancer's ports", [](Spec& spec) { spec.load_balancers["web"].listen = {{.port = 443}}; },
       "update firewall/digitalocean"},
      {"another port", [](Spec& spec) { spec.firewall.inbound = {{.port = "8443"}}; }, "update firewall/digitalocean"},
      {"one more worker", [](Spec& spec) { spec.pools["worker"].nodes.push_back({.name = "worker-2"}); },
       "create server/worker-2"},
      {"the address to another pool", [](Spec& spec) { spec.floating_ips["ingress"].pool = "worker"; },
       "update floating_ip/ingress server"},
      {"backups", [](Spec& spec) { spec.pools["worker"].backups = true; },
       "update server/worker-1 backups: false -> true\n"},
      {"no backups", [](Spec& spec) { spec.pools["manager"].backups = false; },
       "update server/manager-1 backups: true -> false\n"},
      {"a health check", [](Spec& spec) { spec.load_balancers["web"].health_check.path = "/health"; },
       "update load_balancer/web health_check.path:  -> /health\n"},
      {"a certificate",
       [](Spec& spec) {
         spec.load_balancers["web"].listen = {
             {.port = 443, .protocol = "https", .certificate = "892071a0-bb95-49bc-8021-3afd67a210bf"}, {.port = 80}};
       },
       "update load_balancer/web listen"},
      {"no load balancer", [](Spec& spec) { spec.load_balancers.clear(); }, "destroy load_balancer/web"},
      {"no address", [](Spec& spec) { spec.floating_ips.clear(); }, "destroy floating_ip/ingress"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    DigitalOceanWorld world;
    Spec spec = whole_spec();
    spec.pools["manager"].backups = true;
    expect_done(world.apply(spec));
    const std::size_t droplets = world.cloud.all("droplets").size();
    one.change(spec);
    const std::string plan = world.plan_text(spec);
    EXPECT_THAT(plan, Not(HasSubstr("replace")));
    EXPECT_THAT(plan, HasSubstr(one.plan));
    expect_done(world.apply(spec));
    world.restart();
    EXPECT_THAT(world.plan_text(spec), Not(HasSubstr("create"))) << world.plan_text(spec);
    if (!one.plan.empty()) {
      EXPECT_EQ(world.plan_text(spec), "");
    }
    EXPECT_GE(world.cloud.all("droplets").size(), droplets);
  }
}

TEST(DigitalOceanApply, AReplacedServerTakesItsVolumeOver) {
  DigitalOceanWorld world;
  Spec spec = digitalocean_spec(1, 1);
  add_volume(spec.pools["worker"], 10);
  expect_done(world.apply(spec));
  const Json volume = world.cloud.all("volumes").front()["id"];
  // nobody changes the VPC of a droplet: another range is a new network, and new droplets in it
  spec.network.range = "10.20.0.0/20";
  EXPECT_THAT(world.plan_text(spec), HasSubstr("replace server/worker-1"));
  expect_done(world.apply(spec));
  ASSERT_EQ(world.cloud.all("volumes").size(), 1U);
  EXPECT_EQ(world.cloud.all("volumes").front()["id"], volume);
  EXPECT_EQ(world.cloud.all("volumes").front()["droplet_ids"].front(), world.droplet("demo-worker-1-g2")["id"]);
  world.restart();
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(DigitalOceanApply, TheHostKeyIsInTheUserDataAndItsPublicHalfInATag) {
  DigitalOceanWorld world;
  expect_done(world.apply(digitalocean_spec(1)));
  const std::string user_data = world.cloud.user_data(world.droplet("demo-manager-1")["id"]);
  EXPECT_THAT(user_data, HasSubstr("BEGIN OPENSSH PRIVATE KEY"));
  const std::string key = world.object("server/manager-1").attributes["host_key"];
  EXPECT_THAT(user_data, HasSubstr(key));
  for (const auto& [id, record] : world.store.state().records) {
    EXPECT_THAT(record.object.attributes.dump() + record.resource.inputs.dump(), Not(HasSubstr("PRIVATE KEY")));
  }
}

TEST(DigitalOceanApply, APinIsRememberedInATag) {
  DigitalOceanWorld world;
  expect_done(world.apply(digitalocean_spec(1)));
  Resource pin{.id = {pin_kind, "manager-1"}, .driver = "digitalocean.pin"};
  const std::string first = world.object("server/manager-1").attributes["host_key"];
  const std::string key = ed25519_key_pair({}, "").public_line;
  const std::string new_key = key.substr(0, key.find_last_not_of(" \n") + 1);
  pin.inputs = {{"cluster", "demo"}, {"server", world.object("server/manager-1").remote_id}, {"key", new_key}};
  const Context context{.deadline = world.clock.now() + std::chrono::minutes(2)};
  auto made = world.driver("digitalocean.pin")->create(pin, context);
  ASSERT_TRUE(made.ok()) << made.error().message;
  world.restart();
  const Context later{.deadline = world.clock.now() + std::chrono::minutes(2)};
  const auto found = world.driver("digitalocean.pin")->list("demo", later);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found.value().size(), 1U);
  EXPECT_EQ(found.value().front().object.attributes["key"], new_key);
  const auto servers = world.driver("digitalocean.server")->list("demo", later);
  ASSERT_TRUE(servers.ok());
  EXPECT_EQ(servers.value().front().object.attributes["host_key"], new_key);
  EXPECT_EQ(servers.value().front().object.attributes["first_host_key"], first);
  ASSERT_TRUE(world.driver("digitalocean.pin")->destroy(pin, made.value(), later).ok());
  EXPECT_THAT(world.what_exists(), Not(HasSubstr("skep:demo:key:")));
  expect_done(world.destroy(digitalocean_spec(1)));
  EXPECT_EQ(world.what_exists(), "");
}

TEST(DigitalOceanApply, TenNodesStayWithinAFewRequestsANode) {
  Spec spec = digitalocean_spec(3, 7);
  DigitalOceanWorld world;
  expect_done(world.apply(spec));
  const std::size_t first = world.cloud.request_count();
  EXPECT_LT(first, 90U);
  world.restart();
  EXPECT_EQ(world.plan_text(spec), "");
  EXPECT_LE(world.cloud.request_count() - first, 12U) << "an empty plan costs about a list a kind";
}

}  // namespace
}  // namespace skep::testing
