// Servers and networks of the simulated Hetzner Cloud live their lives by the service's rules.
#include <gmock/gmock.h>

#include "tests/providers/hetzner/simulator_kit.h"

namespace skep::testing {
namespace {

TEST(HetznerKinds, AServerWithEverythingInOneRequest) {
  Simulator simulator;
  const std::string key = simulator.make("ssh_keys", {{"name", "k"}, {"public_key", public_key}});
  const std::string network = simulator.make_network();
  const std::string group = simulator.make("placement_groups", {{"name", "g"}, {"type", "spread"}});
  const std::string firewall = simulator.make("firewalls", {{"name", "f"}});
  const std::string volume = simulator.make("volumes", {{"name", "v"}, {"size", 10}, {"location", "fsn1"}});
  const std::string server = simulator.make_server("web-1", {{"ssh_keys", {"k"}},
                                                             {"networks", {id(network)}},
                                                             {"placement_group", id(group)},
                                                             {"firewalls", {{{"firewall", id(firewall)}}}},
                                                             {"volumes", {id(volume)}},
                                                             {"user_data", "#cloud-config\n"},
                                                             {"public_net", {{"enable_ipv6", false}}},
                                                             {"labels", {{"skep", "c1"}}}});
  const Json found = simulator.get("/servers/" + server).body["server"];
  EXPECT_EQ(found["status"], "running");
  EXPECT_EQ(found["locked"], false);
  EXPECT_EQ(found["private_net"][0]["network"], id(network));
  EXPECT_EQ(found["private_net"][0]["ip"], "10.0.1.1");
  EXPECT_EQ(found["placement_group"]["name"], "g");
  EXPECT_EQ(found["public_net"]["firewalls"], (Json::array({{{"id", id(firewall)}, {"status", "applied"}}})));
  EXPECT_EQ(found["public_net"]["ipv6"], nullptr);
  EXPECT_NE(found["public_net"]["ipv4"]["ip"], "");
  EXPECT_EQ(found["volumes"], Json::array({id(volume)}));
  EXPECT_EQ(simulator.cloud.user_data(id(server)), "#cloud-config\n");
  EXPECT_EQ(simulator.get("/networks/" + network).body["network"]["servers"], Json::array({id(server)}));
  EXPECT_EQ(simulator.get("/primary_ips").body["primary_ips"].size(), 1U);

  expect_refusals(simulator,
                  {
                      {"a group with servers", "/placement_groups/" + group, nullptr, 422, "resource_in_use", "DELETE"},
                      {"a firewall in use", "/firewalls/" + firewall, nullptr, 422, "resource_in_use", "DELETE"},
                      {"a volume in use", "/volumes/" + volume, nullptr, 422, "resource_in_use", "DELETE"},
                      {"a subnet in use",
                       "/networks/" + network + "/actions/delete_subnet",
                       {{"ip_range", "10.0.1.0/24"}},
                       422,
                       "resource_in_use"},
                  });
  const Told gone = simulator.tell("DELETE", "/servers/" + server);
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(simulator.get("/servers/" + server).body["server"]["status"], "deleting");
  EXPECT_EQ(simulator.tell("DELETE", "/firewalls/" + firewall).code(), "resource_in_use")
      << "until the action has ended";
  simulator.settle();
  EXPECT_EQ(simulator.get("/servers/" + server).status, 404);
  EXPECT_TRUE(simulator.get("/primary_ips").body["primary_ips"].empty());
  for (const auto& path : {"/firewalls/" + firewall, "/volumes/" + volume, "/networks/" + network,
                           "/placement_groups/" + group, "/ssh_keys/" + key}) {
    EXPECT_EQ(simulator.tell("DELETE", path).status, 204) << path;
  }
}

TEST(HetznerKinds, WrongOrdersOfServers) {
  Simulator simulator;
  const std::string far_network = simulator.make_network("far", "us-east");
  simulator.make_server("taken");
  const auto with = [](const Json& more) {
    Json body = {{"name", "web-1"}, {"server_type", "cx23"}, {"image", "debian-12"}, {"location", "fsn1"}};
    body.update(more);
    return body;
  };
  expect_refusals(
      simulator,
      {
          {"a name that is none", "/servers", with({{"name", "web_1"}}), 422, "invalid_input"},
          {"a name that is taken", "/servers", with({{"name", "taken"}}), 409, "uniqueness_error"},
          {"an unknown type", "/servers", with({{"server_type", "cx99"}}), 422, "invalid_input"},
          {"a type that is gone", "/servers", with({{"server_type", "cx22"}}), 422, "invalid_input"},
          {"a type that is not sold there", "/servers", with({{"location", "ash"}}), 422, "invalid_input"},
          {"an unknown image", "/servers", with({{"image", "debian-9"}}), 422, "invalid_input"},
          {"an unknown location", "/servers", with({{"location", "fra1"}}), 422, "invalid_input"},
          {"what was removed", "/servers", with({{"datacenter", "fsn1-dc14"}}), 422, "invalid_input"},
          {"an unknown key", "/servers", with({{"ssh_keys", {"nobody"}}}), 422, "invalid_input"},
          {"an unknown network", "/servers", with({{"networks", {1}}}), 422, "invalid_input"},
          {"a network elsewhere", "/servers", with({{"networks", {id(far_network)}}}), 422, "no_subnet_available"},
          {"an unknown firewall", "/servers", with({{"firewalls", {{{"firewall", 1}}}}}), 422,
           "firewall_resource_not_found"},
          {"too much user data", "/servers", with({{"user_data", std::string(32769, 'x')}}), 422, "invalid_input"},
          {"no address at all", "/servers", with({{"public_net", {{"enable_ipv4", false}, {"enable_ipv6", false}}}}),
           422, "invalid_input"},
      });
}

TEST(HetznerKinds, ServersChangeInPlaceWhereTheyMay) {
  Simulator simulator;
  const std::string path = "/servers/" + simulator.make_server("a");
  expect_refusals(simulator,
                  {
                      {"a type while it runs",
                       path + "/actions/change_type",
                       {{"server_type", "cx33"}, {"upgrade_disk", false}},
                       422,
                       "server_not_stopped"},
                      {"rebuilding", path + "/actions/rebuild", {{"image", "debian-12"}}, 422, "unsupported_error"},
                      {"unequal protection",
                       path + "/actions/change_protection",
                       {{"delete", true}, {"rebuild", false}},
                       422,
                       "invalid_input"},
                  });
  EXPECT_EQ(simulator.post(path + "/actions/shutdown").status, 201);
  simulator.clock.advance(std::chrono::milliseconds(600));
  EXPECT_EQ(simulator.get(path).body["server"]["status"], "stopping") << "the action ends before the machine does";
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["server"]["status"], "off");
  expect_refusals(simulator, {
                                 {"another architecture",
                                  path + "/actions/change_type",
                                  {{"server_type", "cax11"}, {"upgrade_disk", false}},
                                  422,
                                  "invalid_server_type"},
                                 {"the same type",
                                  path + "/actions/change_type",
                                  {{"server_type", "cx23"}, {"upgrade_disk", false}},
                                  422,
                                  "invalid_server_type"},
                             });
  EXPECT_EQ(simulator.post(path + "/actions/change_type", {{"server_type", "cx33"}, {"upgrade_disk", true}}).status,
            201);
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["server"]["server_type"]["name"], "cx33");
  EXPECT_EQ(simulator.get(path).body["server"]["primary_disk_size"], 80);
  EXPECT_EQ(simulator.post(path + "/actions/change_type", {{"server_type", "cx23"}, {"upgrade_disk", false}}).code(),
            "invalid_server_type")
      << "disks do not shrink";
  simulator.post(path + "/actions/poweron");
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["server"]["status"], "running");

  simulator.post(path + "/actions/enable_backup");
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["server"]["backup_window"], "22-02");
  const Told image = simulator.post(path + "/actions/create_image", {{"type", "snapshot"}, {"description", "d"}});
  EXPECT_EQ(image.body["image"]["status"], "creating");
  simulator.settle();
  EXPECT_EQ(simulator.get("/images/" + image.body["image"]["id"].dump()).body["image"]["status"], "available");

  simulator.post(path + "/actions/change_protection", {{"delete", true}, {"rebuild", true}});
  simulator.settle();
  EXPECT_EQ(simulator.tell("DELETE", path).code(), "protected");
}

TEST(HetznerKinds, Networks) {
  Simulator simulator;
  const std::string network = simulator.make_network();
  const std::string path = "/networks/" + network;
  expect_refusals(
      simulator,
      {
          {"a public range", "/networks", {{"name", "n"}, {"ip_range", "8.8.0.0/16"}}, 422, "invalid_input"},
          {"too small a range", "/networks", {{"name", "n"}, {"ip_range", "10.0.0.0/25"}}, 422, "invalid_input"},
          {"host bits", "/networks", {{"name", "n"}, {"ip_range", "10.0.0.1/16"}}, 422, "invalid_input"},
          {"a subnet outside",
           path + "/actions/add_subnet",
           {{"type", "cloud"}, {"network_zone", "eu-central"}, {"ip_range", "10.1.0.0/24"}},
           422,
           "invalid_input"},
          {"a subnet over another",
           path + "/actions/add_subnet",
           {{"type", "cloud"}, {"network_zone", "eu-central"}, {"ip_range", "10.0.0.0/23"}},
           422,
           "invalid_input"},
          {"an unknown zone",
           path + "/actions/add_subnet",
           {{"type", "cloud"}, {"network_zone", "mars"}},
           422,
           "invalid_input"},
          {"a smaller range", path + "/actions/change_ip_range", {{"ip_range", "10.0.0.0/17"}}, 422, "invalid_input"},
      });
  EXPECT_EQ(simulator.post(path + "/actions/add_subnet", {{"type", "cloud"}, {"network_zone", "us-east"}}).status, 201);
  EXPECT_EQ(simulator.post(path + "/actions/add_subnet", {{"type", "cloud"}, {"network_zone", "us-west"}}).code(),
            "conflict");
  simulator.settle();
  const Json subnets = simulator.get(path).body["network"]["subnets"];
  EXPECT_EQ(subnets[1]["ip_range"], "10.0.0.0/24") << "the first that is free";
  EXPECT_EQ(subnets[0]["gateway"], "10.0.0.1");
  EXPECT_EQ(simulator.post(path + "/actions/change_ip_range", {{"ip_range", "10.0.0.0/15"}}).status, 201);

  simulator.settle();
  const std::string server = "/servers/" + simulator.make_server("a", {{"start_after_create", false}});
  EXPECT_EQ(simulator.get(server).body["server"]["status"], "off");
  EXPECT_EQ(
      simulator.post(server + "/actions/attach_to_network", {{"network", id(network)}, {"ip", "10.0.1.77"}}).status,
      201);
  EXPECT_TRUE(simulator.get(server).body["server"]["private_net"].empty());
  simulator.settle();
  EXPECT_EQ(simulator.get(server).body["server"]["private_net"][0]["ip"], "10.0.1.77");
  expect_refusals(
      simulator,
      {
          {"twice", server + "/actions/attach_to_network", {{"network", id(network)}}, 422, "server_already_attached"},
      });
  simulator.post(path + "/actions/change_protection", {{"delete", true}});
  EXPECT_EQ(simulator.tell("DELETE", path).code(), "conflict");
  simulator.settle();
  EXPECT_EQ(simulator.tell("DELETE", path).code(), "protected");
  simulator.post(path + "/actions/change_protection", {{"delete", false}});
  simulator.settle();
  EXPECT_EQ(simulator.tell("DELETE", path).status, 204);
  EXPECT_TRUE(simulator.get(server).body["server"]["private_net"].empty());
}

}  // namespace
}  // namespace skep::testing
