// Keys, VPCs, tags, firewalls, reserved IPs and load balancers of the simulated DigitalOcean.
#include <gmock/gmock.h>

#include "tests/providers/digitalocean/simulator_kit.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* invalid = "unprocessable_entity";

TEST(DigitalOceanKinds, SshKeysAreUniqueByTheKey) {
  DropletSimulator simulator;
  const Told made = simulator.post("/account/keys", {{"name", "k"}, {"public_key", public_key}});
  EXPECT_EQ(made.status, 201);
  const std::string id = made.body["ssh_key"]["id"].dump();
  const Told again = simulator.post("/account/keys", {{"name", "other"}, {"public_key", public_key}});
  EXPECT_EQ(again.status, 422);
  EXPECT_EQ(again.body["message"], "SSH Key is already in use on your account");
  EXPECT_EQ(simulator.post("/account/keys", {{"name", "k"}, {"public_key", "ssh-dss AAAA"}}).status, 422);
  const std::string fingerprint = made.body["ssh_key"]["fingerprint"];
  EXPECT_EQ(simulator.get("/account/keys/" + fingerprint).body["ssh_key"]["name"], "k");
  EXPECT_EQ(simulator.put("/account/keys/" + id, {{"name", "n"}}).body["ssh_key"]["name"], "n");
  EXPECT_EQ(simulator.get("/account/keys").body["ssh_keys"].size(), 1U);
  EXPECT_EQ(simulator.drop("/account/keys/" + fingerprint).status, 204);
  EXPECT_EQ(simulator.get("/account/keys/" + id).status, 404);
}

TEST(DigitalOceanKinds, VpcsDoNotOverlapAndKeepTheirRange) {
  DropletSimulator simulator;
  const std::string lan = simulator.make("vpcs", {{"name", "lan"}, {"region", "fra1"}, {"ip_range", "10.10.0.0/20"}});
  const auto vpc = [](const char* name, const char* range) {
    return Json{{"name", name}, {"region", "nyc3"}, {"ip_range", range}};
  };
  const std::vector<Wrong> cases = {
      {"name", "/vpcs", vpc("lan", "10.20.0.0/20"), 422, invalid},
      {"overlap", "/vpcs", vpc("b", "10.10.8.0/24"), 422, invalid},
      {"too large", "/vpcs", vpc("b", "10.0.0.0/15"), 422, invalid},
      {"too small", "/vpcs", vpc("b", "10.20.0.0/29"), 422, invalid},
      {"public", "/vpcs", vpc("b", "8.8.0.0/20"), 422, invalid},
      {"host bits", "/vpcs", vpc("b", "10.20.0.1/20"), 422, invalid},
      {"reserved", "/vpcs", vpc("b", "10.244.4.0/24"), 422, invalid},
      {"form of the name", "/vpcs", vpc("a b", "10.20.0.0/20"), 422, invalid},
      {"region", "/vpcs", {{"name", "b"}, {"region", "mars1"}}, 422, invalid},
      {"range in a PATCH", "/vpcs/" + lan, {{"ip_range", "10.20.0.0/20"}}, 422, invalid, "PATCH"},
      {"PUT without a name", "/vpcs/" + lan, {{"description", "d"}}, 422, invalid, "PUT"},
  };
  expect_refusals(simulator, cases);
  EXPECT_EQ(simulator.tell("PATCH", "/vpcs/" + lan, {{"description", "d"}}).body["vpc"]["description"], "d");
  EXPECT_EQ(simulator.put("/vpcs/" + lan, {{"name", "lan"}}).body["vpc"]["description"], "") << "a PUT resets";
  const Told chosen = simulator.post("/vpcs", {{"name", "c"}, {"region", "nyc3"}});
  EXPECT_THAT(chosen.body["vpc"]["ip_range"].get<std::string>(), HasSubstr("/20"));
}

TEST(DigitalOceanKinds, AVpcGoesWhenItsLastMemberHasGone) {
  DropletSimulator simulator;
  const std::string lan = simulator.make("vpcs", {{"name", "lan"}, {"region", "fra1"}});
  const std::int64_t id = simulator.make_droplet("a", {{"vpc_uuid", lan}});
  const Json members = simulator.get("/vpcs/" + lan + "/members").body["members"];
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0]["urn"], "do:droplet:" + std::to_string(id));
  EXPECT_EQ(simulator.drop("/vpcs/" + lan).status, 403);
  EXPECT_EQ(simulator.drop("/droplets/" + std::to_string(id)).status, 204);
  const Told early = simulator.drop("/vpcs/" + lan);
  EXPECT_EQ(early.status, 403) << "members vanish some seconds after their deletion";
  EXPECT_EQ(early.body["message"], "Can not delete VPC with members");
  simulator.settle();
  EXPECT_EQ(simulator.drop("/vpcs/" + lan).status, 204);
}

TEST(DigitalOceanKinds, ARegionHasADefaultVpcThatStays) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a");
  const std::string uuid = simulator.droplet(id)["vpc_uuid"];
  EXPECT_EQ(simulator.get("/vpcs/" + uuid).body["vpc"]["default"], true);
  simulator.drop("/droplets/" + std::to_string(id));
  simulator.settle();
  EXPECT_EQ(simulator.drop("/vpcs/" + uuid).body["message"], "Can not delete default VPCs");
}

TEST(DigitalOceanKinds, VpcsCanBePeers) {
  DropletSimulator simulator;
  const std::string one = simulator.make("vpcs", {{"name", "a"}, {"region", "fra1"}});
  const std::string two = simulator.make("vpcs", {{"name", "b"}, {"region", "nyc3"}});
  const std::string path = "/vpcs/" + one + "/peerings";
  const Told made = simulator.post(path, {{"name", "bridge"}, {"vpc_id", two}});
  ASSERT_EQ(made.status, 202) << made.body;
  EXPECT_EQ(made.body["peering"]["status"], "PROVISIONING");
  simulator.settle();
  EXPECT_EQ(simulator.get("/vpcs/" + two + "/peerings").body["peerings"][0]["status"], "ACTIVE");
  EXPECT_EQ(simulator.post(path, {{"name", "again"}, {"vpc_id", two}}).status, 409);
  EXPECT_EQ(simulator.post(path, {{"name", "self"}, {"vpc_id", one}}).status, 422);
  const std::string peering = path + "/" + made.body["peering"]["id"].get<std::string>();
  EXPECT_EQ(simulator.tell("PATCH", peering, {{"name", "tunnel"}}).body["peering"]["name"], "tunnel");
  EXPECT_EQ(simulator.drop("/vpcs/" + two).status, 403);
}

TEST(DigitalOceanKinds, TagsAreMadeOnceAndCountWhatHasThem) {
  DropletSimulator simulator;
  EXPECT_EQ(simulator.post("/tags", {{"name", "skep:Cluster"}}).status, 201);
  const Told again = simulator.post("/tags", {{"name", "SKEP:cluster"}});
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body["tag"]["name"], "skep:Cluster") << "shown as first written";
  const Told wrong = simulator.post("/tags", {{"name", "a=b"}});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body["error"].get<std::string>(), HasSubstr("contains invalid characters"));
  EXPECT_EQ(wrong.body["messages"], nullptr);

  const std::int64_t id = simulator.make_droplet("a", {{"tags", {"skep:cluster"}}});
  const std::string volume = simulator.make_volume("data");
  const Json both = {{"resources", {{{"resource_id", volume}, {"resource_type", "volume"}}}}};
  EXPECT_EQ(simulator.post("/tags/skep:Cluster/resources", both).status, 204);
  const Json counts = simulator.get("/tags/skep:Cluster").body["tag"]["resources"];
  EXPECT_EQ(counts["count"], 2);
  EXPECT_EQ(counts["droplets"]["last_tagged_uri"], "https://api.digitalocean.com/v2/droplets/" + std::to_string(id));
  EXPECT_EQ(simulator.drop("/tags/skep:Cluster/resources", both).status, 204);
  EXPECT_EQ(simulator.get("/volumes/" + volume).body["volume"]["tags"], Json::array());
  const Json nothing = {{"resources", {{{"resource_id", "17"}, {"resource_type", "droplet"}}}}};
  EXPECT_EQ(simulator.post("/tags/skep:Cluster/resources", nothing).status, 404);
  EXPECT_EQ(simulator.drop("/tags/skep:Cluster").status, 204);
  EXPECT_EQ(simulator.droplet(id)["tags"], Json::array());
}

TEST(DigitalOceanKinds, FirewallsDenyWhatNoRuleAllows) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a", {{"tags", {"web"}}});
  const auto passes = [&](bool inbound, int port, const char* peer = "203.0.113.9", const char* protocol = "tcp") {
    return simulator.cloud.passes(
        {.droplet_id = id, .inbound = inbound, .protocol = protocol, .port = port, .peer = peer});
  };
  EXPECT_TRUE(passes(true, 80)) << "without a firewall all passes";
  Json order = firewall_order("fw", {{"tags", {"web"}}});
  order.erase("outbound_rules");
  const Told made = simulator.post("/firewalls", order);
  ASSERT_EQ(made.status, 202) << made.body;
  const std::string path = "/firewalls/" + made.body["firewall"]["id"].get<std::string>();
  EXPECT_EQ(made.body["firewall"]["status"], "waiting");
  EXPECT_EQ(made.body["firewall"]["pending_changes"][0]["droplet_id"], id);
  EXPECT_TRUE(passes(true, 80)) << "it takes a moment";
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["firewall"]["status"], "succeeded");
  EXPECT_TRUE(passes(true, 22));
  EXPECT_TRUE(passes(true, 22, "2001:db8::9"));
  EXPECT_FALSE(passes(true, 80));
  EXPECT_FALSE(passes(false, 443)) << "nothing goes out without an outbound rule";

  const Json gossip = {{"protocol", "udp"}, {"ports", "7946-7950"}, {"sources", {{"tags", {"web"}}}}};
  EXPECT_EQ(simulator.post(path + "/rules", {{"inbound_rules", {gossip}}}).status, 204);
  simulator.settle();
  const std::int64_t friendly = simulator.make_droplet("b", {{"tags", {"web"}}});
  const std::string peer = simulator.droplet(friendly)["networks"]["v4"][0]["ip_address"];
  EXPECT_TRUE(passes(true, 7946, peer.c_str(), "udp"));
  EXPECT_FALSE(passes(true, 7946, "203.0.113.9", "udp"));
  EXPECT_FALSE(passes(true, 7951, peer.c_str(), "udp"));
  EXPECT_EQ(simulator.get("/droplets/" + std::to_string(friendly) + "/firewalls").body["firewalls"].size(), 1U)
      << "whoever gets the tag gets the firewall";
}

TEST(DigitalOceanKinds, APutOfAFirewallResetsWhatItDoesNotSay) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a");
  simulator.post("/tags", {{"name", "web"}});
  const std::string firewall =
      simulator.make("firewalls", firewall_order("fw", {{"tags", {"web"}}, {"droplet_ids", {id}}}));
  const std::string path = "/firewalls/" + firewall;
  Json all_out = open_rules()["outbound_rules"];
  EXPECT_EQ(simulator.get(path).body["firewall"]["outbound_rules"][0]["ports"], "0") << "all is shown as 0";
  const Told put = simulator.put(path, {{"name", "fw"}, {"outbound_rules", all_out}});
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.body["firewall"]["inbound_rules"], Json::array());
  EXPECT_EQ(put.body["firewall"]["droplet_ids"], Json::array());
  EXPECT_EQ(put.body["firewall"]["tags"], Json::array());
  EXPECT_EQ(simulator.post(path + "/tags", {{"tags", {"web"}}}).status, 204);
  EXPECT_EQ(simulator.post(path + "/droplets", {{"droplet_ids", {id}}}).status, 204);
  EXPECT_EQ(simulator.drop(path + "/tags", {{"tags", {"web"}}}).status, 204);
  EXPECT_EQ(simulator.get(path).body["firewall"]["droplet_ids"], Json::array({id}));
  EXPECT_EQ(simulator.drop(path + "/droplets", {{"droplet_ids", {id}}}).status, 204);
  EXPECT_EQ(simulator.drop(path).status, 204);
  EXPECT_EQ(simulator.get(path).status, 404);
}

TEST(DigitalOceanKinds, WrongFirewallsAreRefused) {
  DropletSimulator simulator;
  simulator.make("firewalls", firewall_order("taken"));
  const auto with_rule = [](const Json& more) {
    Json rule = {{"protocol", "tcp"}, {"ports", "22"}, {"sources", {{"addresses", {"0.0.0.0/0"}}}}};
    rule.update(more);
    return Json{{"name", "fw"}, {"inbound_rules", {rule}}};
  };
  Json many = with_rule(Json::object());
  for (int i = 0; i < 50; ++i) many["inbound_rules"].push_back(many["inbound_rules"][0]);
  const std::vector<Wrong> cases = {
      {"name taken", "/firewalls", firewall_order("taken"), 409, "conflict"},
      {"form of the name", "/firewalls", firewall_order("a_b"), 422, invalid},
      {"no rules", "/firewalls", {{"name", "fw"}}, 422, invalid},
      {"no rules left",
       "/firewalls",
       {{"name", "fw"}, {"inbound_rules", nullptr}, {"outbound_rules", Json::array()}},
       422,
       invalid},
      {"protocol", "/firewalls", with_rule({{"protocol", "gre"}}), 422, invalid},
      {"port", "/firewalls", with_rule({{"ports", "65536"}}), 422, invalid},
      {"ports", "/firewalls", with_rule({{"ports", "90-80"}}), 422, invalid},
      {"port as a number", "/firewalls", with_rule({{"ports", 22}}), 422, invalid},
      {"nobody", "/firewalls", with_rule({{"sources", Json::object()}}), 422, invalid},
      {"address", "/firewalls", with_rule({{"sources", {{"addresses", {"10.0.0.0/33"}}}}}), 422, invalid},
      {"unknown tag", "/firewalls", with_rule({{"sources", {{"tags", {"nope"}}}}}), 422, invalid},
      {"destinations of inbound", "/firewalls", with_rule({{"destinations", {{"addresses", {"0.0.0.0/0"}}}}}), 422,
       invalid},
      {"too many rules", "/firewalls", many, 422, invalid},
      {"unknown tag of its own", "/firewalls", firewall_order("fw", {{"tags", {"nope"}}}), 422, invalid},
      {"unknown droplet", "/firewalls", firewall_order("fw", {{"droplet_ids", {17}}}), 422, invalid},
  };
  expect_refusals(simulator, cases);
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 11; ++i) ids.push_back(simulator.make_droplet("d" + std::to_string(i)));
  EXPECT_EQ(simulator.post("/firewalls", firewall_order("fw", {{"droplet_ids", ids}})).status, 422) << "ten by id";
}

TEST(DigitalOceanKinds, ReservedIpsAreAssignedWithinTheirRegion) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a");
  const std::int64_t far = simulator.make_droplet("b", {{"region", "nyc3"}});
  const Told made = simulator.post("/reserved_ips", {{"region", "fra1"}});
  ASSERT_EQ(made.status, 202) << made.body;
  EXPECT_EQ(made.body["reserved_ip"]["droplet"], nullptr);
  const std::string path = "/reserved_ips/" + made.body["reserved_ip"]["ip"].get<std::string>();
  const Json assign = {{"type", "assign"}, {"droplet_id", id}};
  const std::vector<Wrong> cases = {
      {"both", "/reserved_ips", {{"region", "fra1"}, {"droplet_id", id}}, 422, invalid},
      {"neither", "/reserved_ips", Json::object(), 422, invalid},
      {"region", "/reserved_ips", {{"region", "mars1"}}, 422, invalid},
      {"elsewhere", path + "/actions", {{"type", "assign"}, {"droplet_id", far}}, 422, invalid},
      {"unknown droplet", path + "/actions", {{"type", "assign"}, {"droplet_id", 17}}, 422, invalid},
      {"not assigned", path + "/actions", {{"type", "unassign"}}, 422, invalid},
      {"type", path + "/actions", {{"type", "move"}}, 422, invalid},
  };
  expect_refusals(simulator, cases);
  const Told told = simulator.post(path + "/actions", assign);
  EXPECT_EQ(told.status, 201);
  EXPECT_EQ(told.body["action"]["type"], "assign_ip");
  EXPECT_EQ(simulator.get(path).body["reserved_ip"]["locked"], true);
  EXPECT_EQ(simulator.post(path + "/actions", {{"type", "unassign"}}).status, 422) << "an event is pending";
  EXPECT_EQ(simulator.post("/droplets/" + std::to_string(id) + "/actions", {{"type", "power_off"}}).status, 422);
  EXPECT_EQ(simulator.drop(path).status, 422);
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["reserved_ip"]["droplet"]["id"], id);
  const std::string action = told.body["action"]["id"].dump();
  EXPECT_EQ(simulator.get(path + "/actions/" + action).body["action"]["status"], "completed");
  EXPECT_EQ(simulator.get("/floating" + path.substr(9) + "/actions").body["actions"].size(), 1U) << "the old name";
  EXPECT_EQ(simulator.post("/reserved_ips", {{"droplet_id", id}}).status, 422) << "one each";
  simulator.drop("/droplets/" + std::to_string(id));
  EXPECT_EQ(simulator.get(path).body["reserved_ip"]["droplet"], nullptr) << "it stays, unassigned";
  EXPECT_EQ(simulator.drop(path).status, 204);
  EXPECT_EQ(simulator.get(path).status, 404);
}

TEST(DigitalOceanKinds, ReservedIpsCanBeMadeForADropletAndHaveALimit) {
  DropletSimulator simulator({.limits = {{"reserved_ips", 1}}});
  const std::int64_t id = simulator.make_droplet("a");
  const Told made = simulator.post("/reserved_ips", {{"droplet_id", id}});
  EXPECT_EQ(made.status, 202);
  EXPECT_EQ(made.body["links"]["droplets"][0]["id"], id);
  EXPECT_EQ(made.body["links"]["actions"][0]["rel"], "assign_ip");
  simulator.settle();
  EXPECT_EQ(simulator.cloud.all("reserved_ips")[0]["droplet"]["id"], id);
  EXPECT_EQ(simulator.post("/reserved_ips", {{"region", "fra1"}}).status, 422);
}

TEST(DigitalOceanKinds, ReservedIpv6AddressesAreReleasedUnassigned) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a", {{"ipv6", true}});
  const Told made = simulator.post("/reserved_ipv6", {{"region_slug", "fra1"}});
  EXPECT_EQ(made.status, 201);
  const std::string path = "/reserved_ipv6/" + made.body["reserved_ipv6"]["ip"].get<std::string>();
  EXPECT_EQ(simulator.post(path + "/actions", {{"type", "assign"}, {"droplet_id", id}}).status, 201);
  simulator.settle();
  EXPECT_EQ(simulator.drop(path).status, 422);
  EXPECT_EQ(simulator.get("/reserved_ipv6").body["reserved_ipv6s"].size(), 1U);
  EXPECT_EQ(simulator.post(path + "/actions", {{"type", "unassign"}}).status, 201);
  simulator.settle();
  EXPECT_EQ(simulator.drop(path).status, 204);
}

Json balancer_order(const std::string& name, const Json& more = Json::object()) {
  Json body = {{"name", name},
               {"region", "fra1"},
               {"forwarding_rules",
                {{{"entry_protocol", "tcp"}, {"entry_port", 80}, {"target_protocol", "tcp"}, {"target_port", 8080}}}}};
  body.update(more);
  return body;
}

TEST(DigitalOceanKinds, LoadBalancersBecomeActive) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a", {{"tags", {"web"}}});
  const Told made = simulator.post("/load_balancers", balancer_order("lb", {{"tag", "web"}}));
  ASSERT_EQ(made.status, 202) << made.body;
  EXPECT_EQ(made.body["load_balancer"]["status"], "new");
  EXPECT_EQ(made.body["load_balancer"]["ip"], "");
  EXPECT_EQ(made.body["load_balancer"]["droplet_ids"], Json::array({id}));
  EXPECT_EQ(made.body["load_balancer"]["health_check"]["check_interval_seconds"], 10);
  simulator.settle();
  const std::string path = "/load_balancers/" + made.body["load_balancer"]["id"].get<std::string>();
  const Json active = simulator.get(path).body["load_balancer"];
  EXPECT_EQ(active["status"], "active");
  EXPECT_NE(active["ip"], "");
  EXPECT_EQ(simulator.drop("/vpcs/" + active["vpc_uuid"].get<std::string>()).status, 403) << "it is a member";
  EXPECT_EQ(simulator.drop(path).status, 204);
  EXPECT_EQ(simulator.get(path).status, 404);
}

TEST(DigitalOceanKinds, APutOfALoadBalancerIsAFullReplacement) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a");
  const std::string lb =
      simulator.make("load_balancers",
                     balancer_order("lb", {{"droplet_ids", {id}}, {"size_unit", 3}, {"enable_proxy_protocol", true}}));
  const std::string path = "/load_balancers/" + lb;
  const Told put = simulator.put(path, balancer_order("lb", {{"droplet_ids", Json::array()}}));
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.body["load_balancer"]["size_unit"], 1);
  EXPECT_EQ(put.body["load_balancer"]["enable_proxy_protocol"], false);
  EXPECT_EQ(put.body["load_balancer"]["droplet_ids"], Json::array());
  EXPECT_EQ(simulator.post(path + "/droplets", {{"droplet_ids", {id}}}).status, 204);
  const Json rule = {{"entry_protocol", "tcp"}, {"entry_port", 443}, {"target_protocol", "tcp"}, {"target_port", 8443}};
  EXPECT_EQ(simulator.post(path + "/forwarding_rules", {{"forwarding_rules", {rule}}}).status, 204);
  EXPECT_EQ(simulator.get(path).body["load_balancer"]["forwarding_rules"].size(), 2U);
  EXPECT_EQ(simulator.drop(path + "/forwarding_rules", {{"forwarding_rules", {rule}}}).status, 204);
  EXPECT_EQ(simulator.drop(path + "/droplets", {{"droplet_ids", {id}}}).status, 204);
  simulator.make_droplet("far", {{"region", "nyc3"}});
  const Json far = simulator.cloud.all("droplets")[1]["id"];
  Json tcp_https = balancer_order("b", {{"tag", "x"}});
  tcp_https["forwarding_rules"][0]["entry_protocol"] = "https";
  const std::vector<Wrong> cases = {
      {"targets by neither", "/load_balancers", balancer_order("b"), 422, invalid},
      {"targets by both", "/load_balancers", balancer_order("b", {{"tag", "x"}, {"droplet_ids", {id}}}), 422, invalid},
      {"no rules", "/load_balancers", balancer_order("b", {{"tag", "x"}, {"forwarding_rules", Json::array()}}), 422,
       invalid},
      {"https without a certificate", "/load_balancers", tcp_https, 422, invalid},
      {"name taken", "/load_balancers", balancer_order("lb", {{"tag", "x"}}), 422, invalid},
      {"a droplet elsewhere", "/load_balancers", balancer_order("b", {{"droplet_ids", {far}}}), 422, invalid},
      {"size", "/load_balancers", balancer_order("b", {{"tag", "x"}, {"size_unit", 101}}), 422, invalid},
      {"timeout", "/load_balancers", balancer_order("b", {{"tag", "x"}, {"http_idle_timeout_seconds", 29}}), 422,
       invalid},
      {"another region", path, balancer_order("lb", {{"region", "nyc3"}, {"tag", "x"}}), 422, invalid, "PUT"},
      {"another network", path, balancer_order("lb", {{"network", "INTERNAL"}, {"tag", "x"}}), 422, invalid, "PUT"},
  };
  expect_refusals(simulator, cases);
}

}  // namespace
}  // namespace skep::testing
