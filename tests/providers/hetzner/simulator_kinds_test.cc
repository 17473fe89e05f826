// What is around servers in the simulated Hetzner Cloud lives its life by the service's rules.
#include <gmock/gmock.h>

#include "tests/providers/hetzner/simulator_kit.h"

namespace skep::testing {
namespace {

TEST(HetznerKinds, SshKeys) {
  Simulator simulator;
  const std::string key =
      simulator.make("ssh_keys", {{"name", "k"}, {"public_key", public_key}, {"labels", {{"a", "b"}}}});
  expect_refusals(simulator,
                  {
                      {"the same key under another name",
                       "/ssh_keys",
                       {{"name", "l"}, {"public_key", public_key}},
                       409,
                       "uniqueness_error"},
                      {"no key", "/ssh_keys", {{"name", "m"}, {"public_key", "ssh-rsa"}}, 422, "invalid_input"},
                      {"no name", "/ssh_keys", {{"public_key", public_key}}, 422, "invalid_input"},
                  });
  EXPECT_EQ(simulator.tell("PUT", "/ssh_keys/" + key, {{"name", "n"}}).body["ssh_key"]["name"], "n");
  const Told gone = simulator.tell("DELETE", "/ssh_keys/" + key);
  EXPECT_EQ(gone.status, 204);
  EXPECT_TRUE(gone.body.is_null());
  EXPECT_EQ(gone.headers.count("content-type"), 0U);
  EXPECT_EQ(simulator.tell("DELETE", "/ssh_keys/" + key).status, 404);
}

TEST(HetznerKinds, Firewalls) {
  Simulator simulator;
  const auto rules = [](const Json& rule) { return Json{{"name", "x"}, {"rules", {rule}}}; };
  Json many = Json::array();
  for (int i = 0; i < 51; ++i)
    many.push_back({{"direction", "in"}, {"protocol", "icmp"}, {"source_ips", {"0.0.0.0/0"}}});
  expect_refusals(
      simulator,
      {
          {"host bits", "/firewalls",
           rules({{"direction", "in"}, {"protocol", "tcp"}, {"port", "22"}, {"source_ips", {"10.0.0.1/8"}}}), 422,
           "invalid_input"},
          {"no source", "/firewalls", rules({{"direction", "in"}, {"protocol", "tcp"}, {"port", "22"}}), 422,
           "invalid_input"},
          {"no port", "/firewalls", rules({{"direction", "in"}, {"protocol", "tcp"}, {"source_ips", {"0.0.0.0/0"}}}),
           422, "invalid_input"},
          {"a port of icmp", "/firewalls",
           rules({{"direction", "in"}, {"protocol", "icmp"}, {"port", "1"}, {"source_ips", {"0.0.0.0/0"}}}), 422,
           "invalid_input"},
          {"a range backwards", "/firewalls",
           rules({{"direction", "in"}, {"protocol", "udp"}, {"port", "9-8"}, {"source_ips", {"0.0.0.0/0"}}}), 422,
           "invalid_input"},
          {"destinations of inbound", "/firewalls",
           rules({{"direction", "in"}, {"protocol", "esp"}, {"destination_ips", {"0.0.0.0/0"}}}), 422, "invalid_input"},
          {"too many", "/firewalls", {{"name", "x"}, {"rules", many}}, 422, "invalid_input"},
          {"an unknown server",
           "/firewalls",
           {{"name", "x"}, {"apply_to", {{{"type", "server"}, {"server", {{"id", 1}}}}}}},
           422,
           "firewall_resource_not_found"},
      });
  const std::string firewall = simulator.make("firewalls", {{"name", "f"}});
  const std::string path = "/firewalls/" + firewall;
  simulator.post(path + "/actions/set_rules", {{"rules",
                                                {{{"direction", "in"},
                                                  {"protocol", "tcp"},
                                                  {"port", "22"},
                                                  {"source_ips", {"2001:0db8::/64", "0.0.0.0/0"}}}}}});
  EXPECT_EQ(simulator.get(path).body["firewall"]["rules"][0]["source_ips"], (Json{"2001:db8::/64", "0.0.0.0/0"}));

  const std::string server = simulator.make_server("a", {{"labels", {{"role", "web"}}}});
  const Json by_label = Json::array({{{"type", "label_selector"}, {"label_selector", {{"selector", "role=web"}}}}});
  EXPECT_EQ(simulator.post(path + "/actions/apply_to_resources", {{"apply_to", by_label}}).body["actions"].size(), 1U);
  EXPECT_EQ(simulator.post(path + "/actions/apply_to_resources", {{"apply_to", by_label}}).code(),
            "firewall_already_applied");
  EXPECT_EQ(simulator.get("/servers/" + server).body["server"]["public_net"]["firewalls"][0]["status"], "pending");
  simulator.settle();
  EXPECT_EQ(simulator.get("/servers/" + server).body["server"]["public_net"]["firewalls"][0]["status"], "applied");
  const std::string later = simulator.make_server("b", {{"labels", {{"role", "web"}}}});
  EXPECT_EQ(simulator.get("/servers/" + later).body["server"]["public_net"]["firewalls"].size(), 1U);
  EXPECT_EQ(simulator.get(path).body["firewall"]["applied_to"][0]["applied_to_resources"].size(), 2U);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(simulator.post(path + "/actions/remove_from_resources", {{"remove_from", by_label}}).status, 201);
    simulator.settle();
  }
  EXPECT_EQ(simulator.tell("DELETE", path).status, 204);
}

TEST(HetznerKinds, Volumes) {
  Simulator simulator;
  const std::string server = simulator.make_server("a");
  const std::string far = simulator.make_server("b", {{"location", "nbg1"}});
  expect_refusals(
      simulator,
      {
          {"too small", "/volumes", {{"name", "v"}, {"size", 9}, {"location", "fsn1"}}, 422, "invalid_input"},
          {"too large", "/volumes", {{"name", "v"}, {"size", 10241}, {"location", "fsn1"}}, 422, "invalid_input"},
          {"nowhere", "/volumes", {{"name", "v"}, {"size", 10}}, 422, "invalid_input"},
          {"another file system",
           "/volumes",
           {{"name", "v"}, {"size", 10}, {"location", "fsn1"}, {"format", "zfs"}},
           422,
           "invalid_input"},
      });
  const std::string volume =
      simulator.make("volumes", {{"name", "v"}, {"size", 10}, {"server", id(server)}, {"format", "ext4"}});
  const std::string path = "/volumes/" + volume;
  const Json made = simulator.get(path).body["volume"];
  EXPECT_EQ(made["server"], id(server));
  EXPECT_EQ(made["linux_device"], "/dev/disk/by-id/scsi-0HC_Volume_" + volume);
  expect_refusals(
      simulator,
      {
          {"attached already", path + "/actions/attach", {{"server", id(server)}}, 422, "volume_already_attached"},
          {"shrinking", path + "/actions/resize", {{"size", 10}}, 422, "invalid_input"},
          {"in use", path, nullptr, 422, "resource_in_use", "DELETE"},
      });
  simulator.post(path + "/actions/resize", {{"size", 20}});
  EXPECT_EQ(simulator.post(path + "/actions/detach").code(), "locked");
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["volume"]["size"], 20);
  simulator.post(path + "/actions/detach");
  simulator.settle();
  expect_refusals(simulator, {
                                 {"elsewhere", path + "/actions/attach", {{"server", id(far)}}, 422, "invalid_input"},
                             });
  EXPECT_EQ(simulator.tell("DELETE", path).status, 204);
}

TEST(HetznerKinds, FloatingIps) {
  Simulator simulator;
  const std::string one = simulator.make_server("a");
  const std::string two = simulator.make_server("b", {{"location", "nbg1"}});
  const std::string ip =
      simulator.make("floating_ips", {{"type", "ipv4"}, {"home_location", "fsn1"}, {"name", "ingress"}});
  const std::string path = "/floating_ips/" + ip;
  simulator.post(path + "/actions/assign", {{"server", id(one)}});
  EXPECT_EQ(simulator.get(path).body["floating_ip"]["server"], nullptr) << "assigning takes time";
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["floating_ip"]["server"], id(one));
  EXPECT_EQ(simulator.get("/servers/" + one).body["server"]["public_net"]["floating_ips"], Json::array({id(ip)}));
  expect_refusals(
      simulator,
      {
          {"held by another", path + "/actions/assign", {{"server", id(two)}}, 422, "floating_ip_assigned"},
          {"assigned", path, nullptr, 422, "must_be_unassigned", "DELETE"},
          {"nowhere", "/floating_ips", {{"type", "ipv4"}}, 422, "invalid_input"},
          {"another type", "/floating_ips", {{"type", "ipv5"}, {"home_location", "fsn1"}}, 422, "invalid_input"},
      });
  simulator.post(path + "/actions/unassign");
  simulator.settle();
  EXPECT_EQ(simulator.tell("PUT", path, {{"description", "d"}}).body["floating_ip"]["description"], "d");
  EXPECT_EQ(simulator.post(path + "/actions/change_dns_ptr", {{"ip", "198.18.0.1"}, {"dns_ptr", "a.example"}}).status,
            201);
  simulator.settle();
  EXPECT_EQ(simulator.tell("DELETE", path).status, 204);
}

TEST(HetznerKinds, PrimaryIps) {
  Simulator simulator;
  const std::string ip = simulator.make("primary_ips", {{"type", "ipv4"}, {"location", "fsn1"}, {"name", "p"}});
  const std::string path = "/primary_ips/" + ip;
  EXPECT_EQ(simulator.get(path).body["primary_ip"]["assignee_type"], "unassigned");
  const std::string server = simulator.make_server("a", {{"public_net", {{"ipv4", id(ip)}, {"enable_ipv6", false}}}});
  EXPECT_EQ(simulator.get(path).body["primary_ip"]["assignee_id"], id(server));
  expect_refusals(
      simulator,
      {
          {"while it runs", path + "/actions/unassign", nullptr, 422, "server_not_stopped"},
          {"assigned", path, nullptr, 422, "must_be_unassigned", "DELETE"},
          {"taken",
           "/servers",
           {{"name", "b"}, {"server_type", "cx23"}, {"image", "debian-12"}, {"public_net", {{"ipv4", id(ip)}}}},
           422,
           "primary_ip_assigned"},
          {"the other version",
           "/servers",
           {{"name", "b"}, {"server_type", "cx23"}, {"image", "debian-12"}, {"public_net", {{"ipv6", id(ip)}}}},
           412,
           "primary_ip_version_mismatch"},
      });
  simulator.post("/servers/" + server + "/actions/poweroff");
  simulator.settle();
  simulator.post(path + "/actions/unassign");
  simulator.settle();
  simulator.post(path + "/actions/assign", {{"assignee_type", "server"}, {"assignee_id", id(server)}});
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["primary_ip"]["assignee_id"], id(server));
  simulator.tell("DELETE", "/servers/" + server);
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["primary_ip"]["assignee_id"], nullptr) << "auto_delete was not asked for";
  EXPECT_EQ(simulator.tell("DELETE", path).status, 204);
}

TEST(HetznerKinds, LoadBalancers) {
  Simulator simulator;
  const std::string network = simulator.make_network();
  const std::string server = simulator.make_server("a", {{"networks", {id(network)}}, {"labels", {{"r", "w"}}}});
  const Json check = {{"protocol", "tcp"}, {"port", 80}, {"interval", 15}, {"timeout", 10}, {"retries", 3}};
  const Json service = {{"protocol", "tcp"},
                        {"listen_port", 443},
                        {"destination_port", 443},
                        {"proxyprotocol", false},
                        {"health_check", check}};
  const std::string balancer =
      simulator.make("load_balancers",
                     {{"name", "lb"}, {"load_balancer_type", "lb11"}, {"location", "fsn1"}, {"services", {service}}});
  const std::string path = "/load_balancers/" + balancer;
  const Json target = {{"type", "server"}, {"server", {{"id", id(server)}}}, {"use_private_ip", true}};
  Json bad_check = service;
  bad_check["listen_port"] = 80;
  bad_check["health_check"]["interval"] = 2;
  expect_refusals(
      simulator,
      {
          {"not in the network", path + "/actions/add_target", target, 422, "load_balancer_not_attached_to_network"},
          {"a port twice", path + "/actions/add_service", service, 412, "source_port_already_used"},
          {"too often", path + "/actions/add_service", bad_check, 422, "invalid_input"},
          {"an unknown type",
           "/load_balancers",
           {{"name", "x"}, {"load_balancer_type", "lb99"}, {"location", "fsn1"}},
           422,
           "invalid_load_balancer_type"},
          {"nowhere", "/load_balancers", {{"name", "x"}, {"load_balancer_type", "lb11"}}, 422, "invalid_input"},
      });
  simulator.post(path + "/actions/attach_to_network", {{"network", id(network)}});
  simulator.settle();
  EXPECT_EQ(simulator.post(path + "/actions/add_target", target).status, 201);
  simulator.settle();
  EXPECT_EQ(simulator.post(path + "/actions/add_target", target).code(), "target_already_defined");
  const Json found = simulator.get(path).body["load_balancer"];
  EXPECT_EQ(found["targets"][0]["health_status"][0]["status"], "healthy");
  EXPECT_EQ(found["private_net"][0]["ip"], "10.0.1.2");
  EXPECT_EQ(simulator.get("/servers/" + server).body["server"]["load_balancers"], Json::array({id(balancer)}));
  simulator.post(path + "/actions/update_service", {{"listen_port", 443}, {"destination_port", 8443}});
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["load_balancer"]["services"][0]["destination_port"], 8443);
  simulator.post(path + "/actions/add_target",
                 {{"type", "label_selector"}, {"label_selector", {{"selector", "r=w"}}}, {"use_private_ip", false}});
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["load_balancer"]["targets"][1]["targets"].size(), 1U);
  simulator.post(path + "/actions/change_algorithm", {{"type", "least_connections"}});
  simulator.settle();
  simulator.post(path + "/actions/remove_target", {{"type", "server"}, {"server", {{"id", id(server)}}}});
  simulator.settle();
  simulator.post(path + "/actions/delete_service", {{"listen_port", 443}});
  simulator.settle();
  EXPECT_TRUE(simulator.get(path).body["load_balancer"]["services"].empty());
  EXPECT_EQ(simulator.tell("DELETE", path).status, 204);
}

TEST(HetznerKinds, Zones) {
  Simulator simulator;
  const Told made = simulator.post("/zones", {{"name", "example.com"}, {"mode", "primary"}});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = "/zones/example.com/rrsets";
  const Json www = {{"name", "www"}, {"type", "A"}, {"ttl", 300}, {"records", {{{"value", "192.0.2.1"}}}}};
  EXPECT_EQ(simulator.post(path, www).body["rrset"]["id"], "www/A");
  expect_refusals(
      simulator,
      {
          {"twice", path, www, 409, "uniqueness_error"},
          {"no address", path, {{"name", "x"}, {"type", "A"}, {"records", {{{"value", "x"}}}}}, 422, "invalid_input"},
          {"too short a time",
           path,
           {{"name", "x"}, {"type", "A"}, {"ttl", 1}, {"records", {{{"value", "192.0.2.1"}}}}},
           422,
           "invalid_input"},
          {"a zone twice", "/zones", {{"name", "example.com"}, {"mode", "primary"}}, 409, "uniqueness_error"},
          {"a name that is none", "/zones", {{"name", "Example"}, {"mode", "primary"}}, 422, "invalid_input"},
      });
  simulator.post(path + "/www/A/actions/set_records", {{"records", {{{"value", "192.0.2.2"}, {"comment", "two"}}}}});
  simulator.post(path + "/www/A/actions/add_records", {{"records", {{{"value", "192.0.2.3"}}}}});
  EXPECT_EQ(simulator.get(path + "/www/A").body["rrset"]["records"].size(), 2U);
  EXPECT_EQ(simulator.get("/zones/example.com").body["zone"]["record_count"], 2);
  EXPECT_EQ(simulator.tell("PUT", path + "/www/A", {{"labels", {{"a", "b"}}}}).body["rrset"]["labels"]["a"], "b");
  EXPECT_EQ(simulator.get(path + "?type=A").body["rrsets"].size(), 1U);
  simulator.post(path + "/www/A/actions/change_protection", {{"change", true}});
  EXPECT_EQ(simulator.tell("DELETE", path + "/www/A").code(), "protected");
  simulator.post(path + "/www/A/actions/change_protection", {{"change", false}});
  EXPECT_EQ(simulator.tell("DELETE", path + "/www/A").status, 201);
  EXPECT_EQ(simulator.tell("DELETE", "/zones/" + made.body["zone"]["id"].dump()).status, 201);
  EXPECT_EQ(simulator.get("/zones/example.com").status, 404);
}

}  // namespace
}  // namespace skep::testing
