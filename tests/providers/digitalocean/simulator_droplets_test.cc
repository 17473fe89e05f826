// Droplets of the simulated DigitalOcean.
#include <gmock/gmock.h>

#include "tests/providers/digitalocean/simulator_kit.h"

namespace skep::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

Json networks_of(const Json& droplet, const std::string& type) {
  for (const auto& one : droplet["networks"]["v4"]) {
    if (one["type"] == type) return one["ip_address"];
  }
  return nullptr;
}

TEST(DigitalOceanDroplets, AreMadeOfAllThatWasOrdered) {
  DropletSimulator simulator;
  const Json key = simulator.post("/account/keys", {{"name", "k"}, {"public_key", public_key}}).body["ssh_key"];
  const std::string vpc = simulator.make("vpcs", {{"name", "lan"}, {"region", "fra1"}, {"ip_range", "10.10.0.0/24"}});
  const std::string volume = simulator.make_volume("data");
  const std::int64_t id = simulator.make_droplet("web-1.example.com", {{"ssh_keys", {key["id"], key["fingerprint"]}},
                                                                       {"vpc_uuid", vpc},
                                                                       {"volumes", {volume}},
                                                                       {"ipv6", true},
                                                                       {"monitoring", true},
                                                                       {"backups", true},
                                                                       {"tags", {"a", "b:c", "A"}},
                                                                       {"user_data", "#cloud-config\n"}});
  const Json made = simulator.droplet(id);
  EXPECT_EQ(made["vpc_uuid"], vpc);
  EXPECT_EQ(networks_of(made, "private"), "10.10.0.2");
  EXPECT_FALSE(networks_of(made, "public").is_null());
  EXPECT_EQ(made["networks"]["v6"].size(), 1U);
  EXPECT_EQ(made["volume_ids"], Json::array({volume}));
  EXPECT_EQ(made["tags"], (Json{"a", "b:c"})) << "the case of a tag does not matter";
  EXPECT_EQ(made["memory"], 1024);
  EXPECT_EQ(made["image"]["slug"], "debian-12-x64");
  EXPECT_FALSE(made["next_backup_window"].is_null());
  EXPECT_EQ(simulator.cloud.user_data(id), "#cloud-config\n");
  EXPECT_EQ(simulator.cloud.ssh_keys(id)[0], key["id"]);
  EXPECT_FALSE(made.contains("user_data"));
}

TEST(DigitalOceanDroplets, NamesAreNotUniqueAndFilteredWithoutCase) {
  DropletSimulator simulator;
  simulator.make_droplet("twin");
  simulator.make_droplet("twin", {{"tags", {"t"}}});
  EXPECT_EQ(simulator.get("/droplets?name=TWIN").body["droplets"].size(), 2U);
  EXPECT_EQ(simulator.get("/droplets?tag_name=T").body["droplets"].size(), 1U);
  EXPECT_EQ(simulator.get("/droplets?name=twin&tag_name=t").status, 422);
  EXPECT_TRUE(simulator.get("/droplets?tag_name=unknown").body["droplets"].empty());
  EXPECT_TRUE(simulator.get("/droplets?type=gpus").body["droplets"].empty());
}

TEST(DigitalOceanDroplets, SeveralAreMadeAtOnce) {
  DropletSimulator simulator;
  Json order = DropletSimulator::droplet_order("x", {{"names", {"a", "b"}}});
  order.erase("name");
  const Told told = simulator.post("/droplets", order);
  EXPECT_EQ(told.status, 202);
  EXPECT_EQ(told.body["droplets"].size(), 2U);
  EXPECT_EQ(told.body["links"]["actions"].size(), 2U);
}

TEST(DigitalOceanDroplets, WrongOrdersAreRefused) {
  DropletSimulator simulator;
  const std::string vpc = simulator.make("vpcs", {{"name", "lan"}, {"region", "nyc3"}, {"ip_range", "10.10.0.0/24"}});
  const std::string volume = simulator.make_volume("far", {{"region", "nyc3"}});
  const auto with = [](const Json& more) { return DropletSimulator::droplet_order("web", more); };
  Json both = with({{"names", {"a"}}});
  const std::vector<Wrong> cases = {
      {"region", "/droplets", with({{"region", "mars1"}}), 422, "unprocessable_entity"},
      {"closed region", "/droplets", with({{"region", "nyc2"}}), 422, "unprocessable_entity"},
      {"size", "/droplets", with({{"size", "s-9"}}), 422, "unprocessable_entity"},
      {"size elsewhere", "/droplets", with({{"size", "c-2"}, {"region", "sfo2"}}), 422, "unprocessable_entity"},
      {"image", "/droplets", with({{"image", "win-11"}}), 422, "unprocessable_entity"},
      {"image id", "/droplets", with({{"image", 1}}), 422, "unprocessable_entity"},
      {"key", "/droplets", with({{"ssh_keys", {17}}}), 422, "unprocessable_entity"},
      {"vpc", "/droplets", with({{"vpc_uuid", "x"}}), 422, "unprocessable_entity"},
      {"vpc elsewhere", "/droplets", with({{"vpc_uuid", vpc}}), 422, "unprocessable_entity"},
      {"volume", "/droplets", with({{"volumes", {"x"}}}), 422, "unprocessable_entity"},
      {"volume elsewhere", "/droplets", with({{"volumes", {volume}}}), 422, "unprocessable_entity"},
      {"name", "/droplets", with({{"name", "under_score"}}), 422, "unprocessable_entity"},
      {"name that ends in a dash", "/droplets", with({{"name", "a-"}}), 422, "unprocessable_entity"},
      {"long name", "/droplets", with({{"name", std::string(256, 'a')}}), 422, "unprocessable_entity"},
      {"both names", "/droplets", both, 422, "unprocessable_entity"},
      {"tag", "/droplets", with({{"tags", {"a=b"}}}), 422, "unprocessable_entity"},
      {"user data", "/droplets", with({{"user_data", std::string(65537, 'x')}}), 422, "unprocessable_entity"},
      {"policy without backups", "/droplets", with({{"backup_policy", {{"plan", "daily"}}}}), 422,
       "unprocessable_entity"},
      {"policy without a day", "/droplets", with({{"backups", true}, {"backup_policy", {{"plan", "weekly"}}}}), 422,
       "unprocessable_entity"},
      {"policy of another hour", "/droplets",
       with({{"backups", true}, {"backup_policy", {{"plan", "daily"}, {"hour", 5}}}}), 422, "unprocessable_entity"},
  };
  expect_refusals(simulator, cases);
  EXPECT_TRUE(simulator.cloud.all("droplets").empty());
  EXPECT_TRUE(simulator.cloud.all("tags").empty()) << "nothing is made by a request that is refused";
}

TEST(DigitalOceanDroplets, WithoutPublicNetworkingTheyHaveThePrivateAddressAlone) {
  DropletSimulator simulator;
  const Json made = simulator.droplet(simulator.make_droplet("a", {{"public_networking", false}}));
  EXPECT_TRUE(networks_of(made, "public").is_null());
  EXPECT_FALSE(networks_of(made, "private").is_null());
}

TEST(DigitalOceanDroplets, AreResizedWhenTheyAreOff) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a");
  const auto resize = [&](const char* size, bool disk) {
    return simulator.act(id, {{"type", "resize"}, {"size", size}, {"disk", disk}});
  };
  EXPECT_EQ(resize("s-2vcpu-2gb", false), "The Droplet must be powered off before it can be resized.");
  EXPECT_EQ(simulator.act(id, {{"type", "power_off"}}), "completed");
  EXPECT_EQ(resize("s-2vcpu-2gb", false), "completed");
  EXPECT_EQ(simulator.droplet(id)["size_slug"], "s-2vcpu-2gb");
  EXPECT_EQ(simulator.droplet(id)["disk"], 25) << "the disk stays";
  EXPECT_EQ(simulator.droplet(id)["status"], "off");
  EXPECT_EQ(resize("s-1vcpu-1gb", false), "completed") << "back, as the disk did not grow";
  EXPECT_EQ(resize("s-2vcpu-2gb", true), "completed");
  EXPECT_EQ(simulator.droplet(id)["disk"], 60);
  EXPECT_EQ(resize("s-1vcpu-1gb", false), "This size is not available because it has a smaller disk.");
  EXPECT_EQ(resize("s-9", false), "You specified an invalid size for Droplet creation.");
}

TEST(DigitalOceanDroplets, AShutdownEndsBeforeTheyAreOff) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a");
  const Told told = simulator.post("/droplets/" + std::to_string(id) + "/actions", {{"type", "shutdown"}});
  simulator.clock.advance(std::chrono::milliseconds(500));
  EXPECT_EQ(simulator.status_of(told.body["action"]), "completed");
  EXPECT_EQ(simulator.droplet(id)["status"], "active");
  simulator.settle();
  EXPECT_EQ(simulator.droplet(id)["status"], "off");
  EXPECT_EQ(simulator.act(id, {{"type", "reboot"}}), "The Droplet is not powered on.");
  EXPECT_EQ(simulator.act(id, {{"type", "power_on"}}), "completed");
  EXPECT_EQ(simulator.droplet(id)["status"], "active");
}

TEST(DigitalOceanDroplets, ChangeInPlace) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a");
  EXPECT_EQ(simulator.act(id, {{"type", "rename"}, {"name", "b.example.com"}}), "completed");
  EXPECT_EQ(simulator.act(id, {{"type", "enable_ipv6"}}), "completed");
  EXPECT_EQ(simulator.act(id, {{"type", "rebuild"}, {"image", "ubuntu-24-04-x64"}}), "completed");
  const Json changed = simulator.droplet(id);
  EXPECT_EQ(changed["name"], "b.example.com");
  EXPECT_EQ(changed["networks"]["v6"].size(), 1U);
  EXPECT_EQ(changed["image"]["slug"], "ubuntu-24-04-x64");
  EXPECT_EQ(simulator.act(id, {{"type", "rename"}, {"name", "no good"}}),
            "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)");
  EXPECT_EQ(simulator.act(id, {{"type", "change_kernel"}, {"kernel", 1}}),
            "The kernel of this Droplet is managed from inside of it.");
  EXPECT_EQ(simulator.act(id, {{"type", "explode"}}), "explode is not a valid action type");
  EXPECT_EQ(simulator.act(id, {{"type", "rename"}, {"size", "x"}}), "size is unknown");
  std::vector<std::string> types;
  const Told actions = simulator.get("/droplets/" + std::to_string(id) + "/actions");
  for (const auto& one : actions.body["actions"]) types.push_back(one["type"]);
  EXPECT_THAT(types, ElementsAre("rebuild", "enable_ipv6", "rename", "create")) << "the newest first";
}

TEST(DigitalOceanDroplets, BackupsFollowAPolicy) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a");
  const std::string path = "/droplets/" + std::to_string(id);
  EXPECT_EQ(simulator.get(path + "/backups/policy").body["policy"]["backup_enabled"], false);
  const Json daily = {{"plan", "daily"}, {"hour", 8}};
  EXPECT_EQ(simulator.act(id, {{"type", "enable_backups"}, {"backup_policy", daily}}), "completed");
  EXPECT_EQ(simulator.get(path + "/backups/policy").body["policy"]["backup_policy"],
            Json::parse(R"({"plan":"daily","hour":8,"window_length_hours":4,"retention_period_days":7})"));
  EXPECT_EQ(simulator.get("/droplets/backups/policies").body["policies"].size(), 1U);
  EXPECT_EQ(simulator.get("/droplets/backups/supported_policies").body["supported_policies"].size(), 2U);
  EXPECT_TRUE(simulator.get(path + "/backups").body["backups"].empty());
  EXPECT_EQ(simulator.act(id, {{"type", "disable_backups"}}), "completed");
  EXPECT_THAT(simulator.droplet(id)["features"], ::testing::Not(Contains("backups")));
}

TEST(DigitalOceanDroplets, SnapshotsAreImagesAndStayWhenTheDropletGoes) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a");
  EXPECT_EQ(simulator.act(id, {{"type", "snapshot"}, {"name", "s1"}}), "completed");
  const Json shot = simulator.get("/droplets/" + std::to_string(id) + "/snapshots").body["snapshots"][0];
  EXPECT_EQ(simulator.droplet(id)["snapshot_ids"], Json::array({shot["id"]}));
  EXPECT_EQ(simulator.get("/images?private=true").body["images"][0]["name"], "s1");
  const Json same = simulator.get("/snapshots?resource_type=droplet").body["snapshots"][0];
  EXPECT_EQ(same["id"], shot["id"].dump()) << "a number there, text here";
  EXPECT_EQ(simulator.drop("/droplets/" + std::to_string(id)).status, 204);
  simulator.settle();
  const std::int64_t again = simulator.make_droplet("b", {{"image", shot["id"]}});
  EXPECT_EQ(simulator.droplet(again)["image"]["type"], "snapshot");
  EXPECT_EQ(simulator
                .post("/droplets",
                      DropletSimulator::droplet_order("c", {{"image", shot["id"]}, {"size", "s-1vcpu-512mb-10gb"}}))
                .status,
            422)
      << "the disk is too small";
  EXPECT_EQ(simulator.drop("/snapshots/" + shot["id"].dump()).status, 204);
  EXPECT_EQ(simulator.get("/snapshots/" + shot["id"].dump()).status, 404);
}

TEST(DigitalOceanDroplets, ManyAreActedOnAndDestroyedByTheirTag) {
  DropletSimulator simulator;
  simulator.make_droplet("a", {{"tags", {"x"}}});
  simulator.make_droplet("b", {{"tags", {"x"}}});
  simulator.make_droplet("c");
  EXPECT_EQ(simulator.post("/droplets/actions?tag_name=x", {{"type", "power_off"}}).body["actions"].size(), 2U);
  EXPECT_EQ(simulator.post("/droplets/actions?tag_name=x", {{"type", "power_on"}}).status, 422) << "they are busy";
  simulator.settle();
  EXPECT_EQ(simulator.post("/droplets/actions?tag_name=x", {{"type", "rename"}, {"name", "y"}}).status, 422);
  EXPECT_EQ(simulator.drop("/droplets").status, 422) << "never all of them";
  EXPECT_EQ(simulator.drop("/droplets?tag_name=").status, 422);
  EXPECT_EQ(simulator.drop("/droplets?tag_name=x").status, 204);
  EXPECT_EQ(simulator.cloud.all("droplets").size(), 1U);
}

TEST(DigitalOceanDroplets, WhatBelongsToOneStaysOrGoesWithIt) {
  DropletSimulator simulator;
  const std::string volume = simulator.make_volume("data");
  const std::int64_t id = simulator.make_droplet("a", {{"volumes", {volume}}});
  const Told ip = simulator.post("/reserved_ips", {{"droplet_id", id}});
  simulator.settle();
  const std::string base = "/droplets/" + std::to_string(id) + "/destroy_with_associated_resources";
  const Json belongs = simulator.get(base).body;
  EXPECT_EQ(belongs["volumes"][0]["id"], volume);
  EXPECT_EQ(belongs["reserved_ips"][0]["id"], ip.body["reserved_ip"]["ip"]);
  EXPECT_EQ(simulator.drop(base + "/dangerous").status, 400) << "needs a header";
  EXPECT_EQ(simulator.drop(base + "/selective", {{"volumes", {"x"}}}).status, 422);
  EXPECT_EQ(simulator.drop(base + "/selective", {{"volumes", {volume}}}).status, 202);
  EXPECT_EQ(simulator.post(base + "/retry").status, 409);
  simulator.settle();
  EXPECT_TRUE(simulator.get(base + "/status").body.contains("completed_at"));
  EXPECT_TRUE(simulator.cloud.all("volumes").empty());
  EXPECT_EQ(simulator.cloud.all("reserved_ips").size(), 1U) << "it was not asked for";
}

}  // namespace
}  // namespace skep::testing
