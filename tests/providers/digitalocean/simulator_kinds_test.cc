// Volumes, snapshots, images, domains and projects of the simulated DigitalOcean.
#include <gmock/gmock.h>

#include "tests/providers/digitalocean/simulator_kit.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* unprocessable = "unprocessable_entity";

TEST(DigitalOceanVolumes, AreUniqueByNameInTheirRegion) {
  DropletSimulator simulator;
  const std::string id = simulator.make_volume("data", {{"filesystem_type", "ext4"}, {"tags", {"t"}}});
  const auto volume = [](const Json& more) {
    Json body = {{"name", "data"}, {"region", "fra1"}, {"size_gigabytes", 10}};
    body.update(more);
    return body;
  };
  const std::vector<Wrong> cases = {
      {"twice", "/volumes", volume(Json::object()), 409, "conflict"},
      {"name", "/volumes", volume({{"name", "Data"}}), 400, "bad_request"},
      {"long name", "/volumes", volume({{"name", std::string(65, 'a')}}), 400, "bad_request"},
      {"size", "/volumes", volume({{"name", "b"}, {"size_gigabytes", 0}}), 400, "bad_request"},
      {"large", "/volumes", volume({{"name", "b"}, {"size_gigabytes", 16385}}), 400, "bad_request"},
      {"region", "/volumes", volume({{"name", "b"}, {"region", "mars1"}}), 400, "bad_request"},
      {"file system", "/volumes", volume({{"name", "b"}, {"filesystem_type", "zfs"}}), 400, "bad_request"},
      {"label", "/volumes",
       volume({{"name", "b"}, {"filesystem_type", "xfs"}, {"filesystem_label", std::string(13, 'x')}}), 400,
       "bad_request"},
      {"snapshot", "/volumes", volume({{"name", "b"}, {"snapshot_id", "x"}}), 404, "not_found"},
      {"delete all", "/volumes", nullptr, 422, unprocessable, "DELETE"},
  };
  expect_refusals(simulator, cases);
  simulator.make_volume("data", {{"region", "nyc3"}});
  EXPECT_EQ(simulator.get("/volumes?name=data").body["volumes"].size(), 2U);
  EXPECT_EQ(simulator.get("/volumes?name=data&region=fra1").body["volumes"][0]["id"], id);
  EXPECT_EQ(simulator.drop("/volumes?name=data&region=nyc3").status, 204);
  EXPECT_EQ(simulator.drop("/volumes/" + id).status, 204);
}

TEST(DigitalOceanVolumes, HangOnOneDropletAndOnlyGrow) {
  DropletSimulator simulator;
  const std::string id = simulator.make_volume("data");
  const std::string path = "/volumes/" + id;
  const std::int64_t droplet = simulator.make_droplet("a");
  const std::int64_t far = simulator.make_droplet("b", {{"region", "nyc3"}});
  const Told told = simulator.post(path + "/actions", {{"type", "attach"}, {"droplet_id", droplet}});
  ASSERT_EQ(told.status, 202) << told.body;
  EXPECT_EQ(told.body["action"]["type"], "attach_volume");
  EXPECT_EQ(simulator.get(path).body["volume"]["droplet_ids"], Json::array()) << "it takes a moment";
  const std::string other =
      "/volumes/" + simulator.post("/volumes", {{"name", "more"}, {"region", "fra1"}, {"size_gigabytes", 1}})
                        .body["volume"]["id"]
                        .get<std::string>();
  EXPECT_EQ(simulator.post(other + "/actions", {{"type", "attach"}, {"droplet_id", droplet}}).body["message"],
            "Droplet already has a pending event.")
      << "one at a time";
  EXPECT_EQ(simulator.post(path + "/actions", {{"type", "resize"}, {"size_gigabytes", 20}}).status, 409);
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["volume"]["droplet_ids"], Json::array({droplet}));
  const std::vector<Wrong> cases = {
      {"attached", path + "/actions", {{"type", "attach"}, {"droplet_id", droplet}}, 422, unprocessable},
      {"elsewhere", other + "/actions", {{"type", "attach"}, {"droplet_id", far}}, 422, unprocessable},
      {"detach from another", path + "/actions", {{"type", "detach"}, {"droplet_id", far}}, 422, unprocessable},
      {"region",
       path + "/actions",
       {{"type", "detach"}, {"droplet_id", droplet}, {"region", "nyc3"}},
       422,
       unprocessable},
      {"shrink", path + "/actions", {{"type", "resize"}, {"size_gigabytes", 5}}, 422, unprocessable},
      {"no size", path + "/actions", {{"type", "resize"}}, 422, unprocessable},
      {"delete", path, nullptr, 409, "conflict", "DELETE"},
  };
  expect_refusals(simulator, cases);
  EXPECT_EQ(simulator.post(path + "/actions", {{"type", "resize"}, {"size_gigabytes", 20}, {"region", "fra1"}}).status,
            202);
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["volume"]["size_gigabytes"], 20);
  EXPECT_EQ(
      simulator.post("/volumes/actions", {{"type", "detach"}, {"volume_name", "data"}, {"droplet_id", droplet}}).status,
      202);
  simulator.settle();
  EXPECT_EQ(simulator.get(path + "/actions").body["actions"].size(), 3U);
  EXPECT_EQ(simulator.drop(path).status, 204);
}

TEST(DigitalOceanVolumes, StayWhenTheirDropletGoesButNotAtOnce) {
  DropletSimulator simulator;
  const std::string id = simulator.make_volume("data");
  const std::int64_t droplet = simulator.make_droplet("a", {{"volumes", {id}}});
  EXPECT_EQ(simulator.drop("/droplets/" + std::to_string(droplet)).status, 204);
  EXPECT_EQ(simulator.drop("/volumes/" + id).status, 409);
  simulator.settle();
  EXPECT_EQ(simulator.drop("/volumes/" + id).status, 204);
}

TEST(DigitalOceanVolumes, SnapshotsOutliveThem) {
  DropletSimulator simulator;
  const std::string id = simulator.make_volume("data", {{"filesystem_type", "xfs"}});
  const Told shot = simulator.post("/volumes/" + id + "/snapshots", {{"name", "s1"}, {"tags", {"t"}}});
  EXPECT_EQ(shot.status, 201);
  const std::string snapshot = shot.body["snapshot"]["id"];
  EXPECT_EQ(simulator.drop("/volumes/" + id).status, 204);
  EXPECT_EQ(simulator.get("/snapshots?resource_type=volume").body["snapshots"].size(), 1U);
  EXPECT_EQ(simulator.get("/snapshots/" + snapshot).body["snapshot"]["resource_id"], id);
  const std::string again = simulator.make_volume("copy", {{"snapshot_id", snapshot}});
  EXPECT_EQ(simulator.get("/volumes/" + again).body["volume"]["filesystem_type"], "xfs");
  const Told small = simulator.post(
      "/volumes", {{"name", "small"}, {"region", "fra1"}, {"size_gigabytes", 5}, {"snapshot_id", snapshot}});
  EXPECT_EQ(small.status, 400);
  EXPECT_EQ(simulator.drop("/snapshots/" + snapshot).status, 204);
  EXPECT_EQ(simulator.drop("/volumes/snapshots/" + snapshot).status, 404);
}

TEST(DigitalOceanImages, OfOneselfCanBeChangedAndPublicOnesNot) {
  DropletSimulator simulator;
  EXPECT_EQ(simulator.drop("/images/129211873").status, 403);
  const Json order = {
      {"name", "mine"}, {"url", "https://example.com/x.qcow2"}, {"region", "nyc3"}, {"distribution", "Rocky Linux"}};
  const Told made = simulator.post("/images", order);
  ASSERT_EQ(made.status, 202) << made.body;
  EXPECT_EQ(made.body["image"]["status"], "NEW");
  const Json image = made.body["image"]["id"];
  EXPECT_EQ(simulator.post("/droplets", DropletSimulator::droplet_order("a", {{"image", image}})).status, 422);
  simulator.settle();
  const std::string path = "/images/" + image.dump();
  EXPECT_EQ(simulator.get(path).body["image"]["status"], "available");
  EXPECT_EQ(simulator.put(path, {{"name", "ours"}}).body["image"]["name"], "ours");
  EXPECT_EQ(simulator.put(path, {{"distribution", "Plan 9"}}).status, 422);
  EXPECT_EQ(simulator.get("/snapshots/" + image.dump()).body["message"], "the resource is not a snapshot");
  EXPECT_EQ(simulator.post(path + "/actions", {{"type", "transfer"}, {"region", "fra1"}}).status, 201);
  EXPECT_EQ(simulator.post(path + "/actions", {{"type", "convert"}}).status, 422) << "an event is pending";
  simulator.settle();
  EXPECT_EQ(simulator.get(path).body["image"]["regions"], (Json{"nyc3", "fra1"}));
  EXPECT_EQ(simulator.get(path + "/actions").body["actions"].size(), 1U);
  EXPECT_EQ(simulator.drop(path).status, 204);
}

TEST(DigitalOceanDomains, HaveRecords) {
  DropletSimulator simulator;
  const Told made = simulator.post("/domains", {{"name", "example.com"}, {"ip_address", "203.0.113.1"}});
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body["domain"]["zone_file"], nullptr);
  EXPECT_THAT(simulator.get("/domains/example.com").body["domain"]["zone_file"].get<std::string>(),
              HasSubstr("example.com. 1800 IN A 203.0.113.1"));
  const std::string path = "/domains/example.com/records";
  EXPECT_EQ(simulator.get(path).body["domain_records"].size(), 5U) << "SOA, three NS, A";
  const Told record = simulator.post(path, {{"type", "A"}, {"name", "www"}, {"data", "203.0.113.2"}});
  EXPECT_EQ(record.status, 201);
  const std::string one = path + "/" + record.body["domain_record"]["id"].dump();
  const std::vector<Wrong> cases = {
      {"domain again", "/domains", {{"name", "example.com"}}, 422, unprocessable},
      {"no domain", "/domains", {{"name", "example"}}, 422, unprocessable},
      {"address", path, {{"type", "A"}, {"name", "x"}, {"data", "www"}}, 422, unprocessable},
      {"address of six", path, {{"type", "AAAA"}, {"name", "x"}, {"data", "203.0.113.2"}}, 422, unprocessable},
      {"no dot", path, {{"type", "CNAME"}, {"name", "x"}, {"data", "example.org"}}, 422, unprocessable},
      {"alias beside others", path, {{"type", "CNAME"}, {"name", "www"}, {"data", "example.org."}}, 422, unprocessable},
      {"no priority", path, {{"type", "MX"}, {"name", "@"}, {"data", "mx.example.org."}}, 422, unprocessable},
      {"no name", path, {{"type", "A"}, {"data", "203.0.113.2"}}, 422, unprocessable},
      {"type", path, {{"type", "HINFO"}, {"name", "x"}, {"data", "y"}}, 422, unprocessable},
      {"short-lived", path, {{"type", "A"}, {"name", "x"}, {"data", "203.0.113.2"}, {"ttl", 29}}, 422, unprocessable},
      {"another type", one, {{"type", "TXT"}, {"data", "x"}}, 422, unprocessable, "PATCH"},
  };
  expect_refusals(simulator, cases);
  EXPECT_EQ(simulator.tell("PATCH", one, {{"type", "A"}, {"ttl", 60}}).body["domain_record"]["ttl"], 60);
  EXPECT_EQ(simulator.put(one, {{"type", "A"}, {"data", "203.0.113.3"}}).body["domain_record"]["data"], "203.0.113.3");
  EXPECT_EQ(simulator.get(path + "?type=A&name=www.example.com").body["domain_records"].size(), 1U);
  EXPECT_TRUE(simulator.get(path + "?name=www").body["domain_records"].empty()) << "whole names only";
  EXPECT_EQ(simulator.drop(one).status, 204);
  EXPECT_EQ(simulator.drop("/domains/example.com").status, 204);
  EXPECT_EQ(simulator.get(path).status, 404);
}

TEST(DigitalOceanProjects, HoldWhatIsMade) {
  DropletSimulator simulator;
  const std::int64_t id = simulator.make_droplet("a");
  const std::string urn = "do:droplet:" + std::to_string(id);
  const Told first = simulator.get("/projects/default/resources");
  EXPECT_EQ(first.body["resources"][0]["urn"], urn);
  const std::string project =
      simulator.make("projects", {{"name", "skep"}, {"purpose", "Service"}, {"environment", "Production"}});
  const std::string path = "/projects/" + project;
  const Told moved = simulator.post(path + "/resources", {{"resources", {urn}}});
  EXPECT_EQ(moved.body["resources"][0]["status"], "assigned");
  EXPECT_EQ(simulator.post(path + "/resources", {{"resources", {urn}}}).body["resources"][0]["status"],
            "already_assigned");
  EXPECT_TRUE(simulator.get("/projects/default/resources").body["resources"].empty());
  const Told full = simulator.drop(path);
  EXPECT_EQ(full.status, 412);
  EXPECT_EQ(full.code(), "precondition_failed");
  const Told ip = simulator.post("/reserved_ips", {{"region", "fra1"}, {"project_id", project}});
  EXPECT_EQ(ip.body["reserved_ip"]["project_id"], project);
  EXPECT_EQ(simulator.get(path + "/resources").body["resources"].size(), 2U);
  const std::vector<Wrong> cases = {
      {"name taken", "/projects", {{"name", "skep"}, {"purpose", "x"}}, 409, "conflict"},
      {"no purpose", "/projects", {{"name", "x"}}, 422, unprocessable},
      {"environment", "/projects", {{"name", "x"}, {"purpose", "x"}, {"environment", "Test"}}, 422, unprocessable},
      {"half a PUT", path, {{"name", "x"}}, 422, unprocessable, "PUT"},
      {"unknown droplet", path + "/resources", {{"resources", {"do:droplet:17"}}}, 404, "not_found"},
      {"no urn", path + "/resources", {{"resources", {"droplet:17"}}}, 422, unprocessable},
  };
  expect_refusals(simulator, cases);
  EXPECT_EQ(simulator.tell("PATCH", path, {{"description", "d"}}).body["project"]["description"], "d");
  simulator.drop("/droplets/" + std::to_string(id));
  simulator.drop("/reserved_ips/" + ip.body["reserved_ip"]["ip"].get<std::string>());
  EXPECT_EQ(simulator.drop(path).status, 204);
  EXPECT_EQ(
      simulator.drop("/projects/" + simulator.get("/projects/default").body["project"]["id"].get<std::string>()).status,
      412);
}

}  // namespace
}  // namespace skep::testing
