// The simulated DigitalOcean keeps the service's general rules: credentials, errors, pages, rates, time.
#include <gmock/gmock.h>

#include "tests/providers/digitalocean/simulator_kit.h"

namespace skep::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(DigitalOceanSimulator, TheOfficialDocumentJudges) {
  if (!digitalocean_document()) {
    GTEST_SKIP() << "no specifications: set SKEP_API_SPECS to the folder of digitalocean.closed.openapi.json; until "
                    "then answers of the simulator are not judged";
  }
  DropletSimulator simulator;
  simulator.get("/account");
  EXPECT_EQ(simulator.http.exchange_count(), 1U);
}

TEST(DigitalOceanSimulator, CredentialsAreChecked) {
  DropletSimulator simulator;
  const Told none = simulator.tell("GET", "/droplets", nullptr, '\0');
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.body, Json::parse(R"({"id":"unauthorized","message":"Unable to authenticate you."})"));
  EXPECT_EQ(simulator.tell("GET", "/droplets", nullptr, 'x').status, 401);
  EXPECT_EQ(simulator.tell("GET", "/droplets", nullptr, 'b').status, 200);
  const Told read_only = simulator.tell("POST", "/tags", {{"name", "a"}}, 'b');
  EXPECT_EQ(read_only.status, 403);
  EXPECT_EQ(read_only.code(), "forbidden");
  EXPECT_EQ(simulator.post("/tags", {{"name", "a"}}).status, 201);
  EXPECT_EQ(simulator.tell("GET", "/nonsense", nullptr, '\0').status, 401) << "who asks comes before what is asked";
}

TEST(DigitalOceanSimulator, WhatIsNotThereIsNotFound) {
  DropletSimulator simulator;
  for (const auto* path : {"/nonsense", "/droplets/17", "/volumes/x", "/tags/x", "/reserved_ips/1.2.3.4", "/actions/7",
                           "/actions/x", "/domains/example.com", "/account/keys/17", "/projects/x"}) {
    const Told told = simulator.get(path);
    EXPECT_EQ(told.status, 404) << path;
    EXPECT_EQ(told.code(), "not_found") << path;
  }
  EXPECT_EQ(simulator.tell("PATCH", "/droplets").status, 405);
}

TEST(DigitalOceanSimulator, BodiesMustBeJsonAndHoldWhatIsKnown) {
  DropletSimulator simulator;
  Request request{"POST", "http://x/v2/droplets", {{"Authorization", "Bearer " + DropletSimulator::token('a')}}, "{"};
  request.headers["Content-Type"] = "application/json";
  EXPECT_EQ(simulator.send(request).body["message"], "error parsing request body");
  request.body = "{}";
  request.headers["Content-Type"] = "text/plain";
  EXPECT_EQ(simulator.send(request).status, 400);
  const Told told = simulator.post("/droplets", {{"nmae", "x"}, {"image", true}, {"ipv6", "yes"}, {"volumes", {1}}});
  EXPECT_EQ(told.status, 422);
  EXPECT_EQ(told.code(), "unprocessable_entity");
  for (const auto* part : {"nmae is unknown", "image must be a string|integer", "ipv6 must be a boolean",
                           "volumes[0] must be a string", "size is required"}) {
    EXPECT_THAT(told.body["message"].get<std::string>(), HasSubstr(part));
  }
}

TEST(DigitalOceanSimulator, ListsComeInPages) {
  DropletSimulator simulator;
  for (int i = 0; i < 45; ++i) simulator.post("/tags", {{"name", "t" + std::to_string(i)}});
  const Told first = simulator.get("/tags");
  EXPECT_EQ(first.body["tags"].size(), 20U);
  EXPECT_EQ(first.body["meta"], (Json{{"total", 45}}));
  EXPECT_EQ(first.body["links"]["pages"], Json::parse(R"({"next":"https://api.digitalocean.com/v2/tags?page=2",
      "last":"https://api.digitalocean.com/v2/tags?page=3"})"));
  const Told last = simulator.get("/tags?page=2&per_page=40");
  EXPECT_EQ(last.body["tags"].size(), 5U);
  EXPECT_EQ(last.body["links"]["pages"],
            Json::parse(R"({"first":"https://api.digitalocean.com/v2/tags?page=1&per_page=40",
      "prev":"https://api.digitalocean.com/v2/tags?page=1&per_page=40"})"));
  EXPECT_EQ(simulator.get("/tags?per_page=200").body["links"], Json::object());
  EXPECT_TRUE(simulator.get("/tags?page=9").body["tags"].empty());
  EXPECT_EQ(simulator.get("/tags?per_page=201").status, 422);
  EXPECT_EQ(simulator.get("/tags?page=0").status, 422);
}

TEST(DigitalOceanSimulator, TheHourIsAWindowThatSlides) {
  DropletSimulator simulator({.rate_hour = 3});
  simulator.get("/account");
  simulator.clock.advance(seconds(10));
  const Told second = simulator.tell("GET", "/account", nullptr, '\0');
  EXPECT_EQ(second.headers.at("ratelimit-limit"), "3");
  EXPECT_EQ(second.headers.at("ratelimit-remaining"), "1") << "a wrong credential counts as well";
  EXPECT_EQ(second.headers.at("ratelimit-reset"), std::to_string(1'790'000'000 + 3600)) << "when the oldest leaves";
  simulator.get("/account");
  const Told too_many = simulator.get("/account");
  EXPECT_EQ(too_many.status, 429);
  EXPECT_EQ(too_many.body, Json::parse(R"({"id":"too_many_requests","message":"API rate limit exceeded."})"));
  EXPECT_EQ(too_many.headers.at("retry-after"), "3590");
  simulator.clock.advance(minutes(60) - seconds(10));
  EXPECT_EQ(simulator.get("/account").status, 200);
  EXPECT_EQ(simulator.get("/account").status, 429) << "only one has left the window";
}

TEST(DigitalOceanSimulator, AMinuteHasALimitOfItsOwnAndSoHaveTheKeys) {
  DropletSimulator simulator({.rate_minute = 12});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(simulator.get("/account/keys").status, 200);
  EXPECT_EQ(simulator.get("/account/keys").status, 429);
  EXPECT_EQ(simulator.get("/account").status, 200);
  const Told burst = simulator.get("/account");
  EXPECT_EQ(burst.status, 429);
  EXPECT_EQ(burst.headers.at("retry-after"), "60");
  simulator.clock.advance(seconds(60));
  EXPECT_EQ(simulator.get("/account/keys").status, 200);
}

TEST(DigitalOceanSimulator, ActionsTakeTimeAndLockWhatTheyWorkOn) {
  DropletSimulator simulator;
  const Told told = simulator.post("/droplets", DropletSimulator::droplet_order("web-1"));
  ASSERT_EQ(told.status, 202) << told.body;
  const Json made = told.body["droplet"];
  EXPECT_EQ(made["status"], "new");
  EXPECT_EQ(made["locked"], true);
  EXPECT_EQ(made["networks"], Json::parse(R"({"v4":[],"v6":[]})"));
  const Json link = told.body["links"]["actions"][0];
  EXPECT_EQ(link["rel"], "create");
  EXPECT_EQ(link["href"], "https://api.digitalocean.com/v2/actions/" + link["id"].dump());
  EXPECT_GT(link["id"].get<std::int64_t>(), 1LL << 31) << "ids of actions do not fit into 31 bits";

  const std::string path = "/droplets/" + made["id"].dump();
  const Told busy = simulator.post(path + "/actions", {{"type", "power_off"}});
  EXPECT_EQ(busy.status, 422);
  EXPECT_EQ(busy.body["message"], "Droplet already has a pending event.");
  EXPECT_EQ(simulator.drop(path).status, 422);

  const Json action = simulator.get("/actions/" + link["id"].dump()).body["action"];
  EXPECT_EQ(action["status"], "in-progress");
  EXPECT_EQ(action["completed_at"], nullptr);
  EXPECT_EQ(action["resource_id"], made["id"]);
  simulator.clock.advance(seconds(6));
  EXPECT_EQ(simulator.status_of(link), "completed");
  EXPECT_EQ(simulator.get(path).body["droplet"]["status"], "active");
  EXPECT_EQ(simulator.get(path).body["droplet"]["networks"]["v4"].size(), 0U) << "active before it has addresses";
  simulator.clock.advance(seconds(1));
  EXPECT_EQ(simulator.get(path).body["droplet"]["networks"]["v4"].size(), 2U);
  EXPECT_EQ(simulator.get(path).body["droplet"]["locked"], false);
}

TEST(DigitalOceanSimulator, ActionsFailWhenTold) {
  DropletSimulator simulator({.failing_actions = {{"create", 1}}});
  const Told told = simulator.post("/droplets", DropletSimulator::droplet_order("a"));
  simulator.settle();
  EXPECT_EQ(simulator.status_of(told.body["links"]["actions"][0]), "errored");
  EXPECT_EQ(simulator.droplet(told.body["droplet"]["id"])["status"], "new");
}

TEST(DigitalOceanSimulator, ListsMayLagBehindBothWays) {
  DropletSimulator simulator({.list_lag = milliseconds(20000)});
  const std::int64_t id = simulator.make_droplet("a", {{"tags", {"x"}}});
  EXPECT_EQ(simulator.droplet(id)["name"], "a");
  EXPECT_TRUE(simulator.get("/droplets?tag_name=x").body["droplets"].empty());
  EXPECT_TRUE(simulator.get("/tags").body["tags"].empty());
  simulator.clock.advance(seconds(20));
  EXPECT_EQ(simulator.get("/droplets?tag_name=x").body["droplets"].size(), 1U);
  EXPECT_EQ(simulator.drop("/droplets/" + std::to_string(id)).status, 204);
  EXPECT_EQ(simulator.get("/droplets/" + std::to_string(id)).status, 404);
  EXPECT_EQ(simulator.get("/droplets").body["droplets"].size(), 1U) << "lists show it a while longer";
  simulator.clock.advance(seconds(20));
  EXPECT_TRUE(simulator.get("/droplets").body["droplets"].empty());
}

TEST(DigitalOceanSimulator, LimitsAndSoldOutSizesAreSaid) {
  DropletSimulator simulator({.sold_out = {{"s-2vcpu-4gb", "fra1"}}, .limits = {{"droplets", 2}}});
  const Told sold_out = simulator.post("/droplets", DropletSimulator::droplet_order("a", {{"size", "s-2vcpu-4gb"}}));
  EXPECT_EQ(sold_out.status, 422);
  EXPECT_EQ(sold_out.body["message"], "Size is not available in this region.");
  std::vector<std::string> places;
  const Told sizes = simulator.get("/sizes?per_page=200");
  for (const auto& size : sizes.body["sizes"]) {
    if (size["slug"] == "s-2vcpu-4gb") places = size["regions"].get<std::vector<std::string>>();
  }
  EXPECT_THAT(places, AllOf(Contains("nyc3"), Not(Contains("fra1"))));
  EXPECT_EQ(simulator.get("/account").body["account"]["droplet_limit"], 2);
  Json three = DropletSimulator::droplet_order("x", {{"names", {"a", "b", "c"}}});
  three.erase("name");
  const Told too_many = simulator.post("/droplets", three);
  EXPECT_EQ(too_many.status, 422);
  EXPECT_EQ(too_many.body["message"], "creating this/these droplet(s) will exceed your droplet limit");
  EXPECT_TRUE(simulator.cloud.all("droplets").empty()) << "all or nothing";
}

TEST(DigitalOceanSimulator, RequestsAreCountedByShape) {
  DropletSimulator simulator;
  simulator.get("/droplets?page=1");
  simulator.get("/droplets/17");
  simulator.get("/tags/some:name");
  EXPECT_EQ(simulator.cloud.requests(),
            (std::map<std::string, std::size_t>{
                {"GET /v2/droplets", 1}, {"GET /v2/droplets/{}", 1}, {"GET /v2/tags/{}", 1}}));
  EXPECT_EQ(simulator.cloud.request_count(), 3U);
}

TEST(DigitalOceanSimulator, WhatIsOfferedCanBeRead) {
  DropletSimulator simulator;
  const Json regions = simulator.get("/regions").body["regions"];
  EXPECT_EQ(regions.size(), 13U);
  EXPECT_EQ(simulator.get("/sizes").body["sizes"][1]["price_monthly"], 6.0);
  EXPECT_EQ(simulator.get("/images/debian-12-x64").body["image"]["id"], 129211873);
  EXPECT_EQ(simulator.get("/images/129211873").body["image"]["slug"], "debian-12-x64");
  EXPECT_EQ(simulator.get("/images?type=distribution").body["images"].size(), 5U);
  EXPECT_TRUE(simulator.get("/images?private=true").body["images"].empty());
  EXPECT_EQ(simulator.get("/account").body["account"]["status"], "active");
}

}  // namespace
}  // namespace skep::testing
