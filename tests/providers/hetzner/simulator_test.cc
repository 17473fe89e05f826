// The simulated Hetzner Cloud keeps the service's general rules: credentials, errors, pages, rates, time.
#include <gmock/gmock.h>

#include <set>

#include "tests/providers/hetzner/simulator_kit.h"

namespace skep::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(HetznerSimulator, TheOfficialDocumentJudges) {
  if (!hetzner_document()) {
    GTEST_SKIP() << "no specifications: set SKEP_API_SPECS to the folder of hetzner.closed.openapi.json; until then "
                    "answers of the simulator are not judged";
  }
  Simulator simulator;
  simulator.get("/locations");
  EXPECT_EQ(simulator.http.exchange_count(), 1U);
}

TEST(HetznerSimulator, CredentialsAreChecked) {
  Simulator simulator;
  const Json key = {{"name", "k"}, {"public_key", public_key}};
  const Told none = simulator.tell("GET", "/servers", nullptr, '\0');
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.body,
            Json::parse(R"({"error":{"code":"unauthorized","details":null,"message":"token is required"}})"));
  EXPECT_EQ(simulator.tell("GET", "/servers", nullptr, 'x').body["error"]["message"],
            "the token you have provided is invalid");
  EXPECT_EQ(simulator.tell("GET", "/servers", nullptr, 'r').status, 200);
  const Told read_only = simulator.tell("POST", "/ssh_keys", key, 'r');
  EXPECT_EQ(read_only.status, 403);
  EXPECT_EQ(read_only.code(), "token_readonly");
  EXPECT_EQ(simulator.tell("POST", "/ssh_keys", key).status, 201);
}

TEST(HetznerSimulator, RoutingComesBeforeTheCredentialAndTheCredentialBeforeTheMethod) {
  Simulator simulator;
  const Told unknown = simulator.tell("GET", "/nonsense", nullptr, '\0');
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body["error"]["message"], "api route not found");
  EXPECT_EQ(simulator.tell("DELETE", "/servers", nullptr, '\0').status, 401);
  EXPECT_EQ(simulator.tell("DELETE", "/servers").status, 405);
  EXPECT_EQ(simulator.get("/servers/4711").code(), "not_found");
  EXPECT_EQ(simulator.get("/datacenters").status, 410);
  EXPECT_EQ(simulator.get("/actions").code(), "deprecated_api_endpoint");
}

TEST(HetznerSimulator, BodiesMustBeJsonAndHoldWhatIsKnown) {
  Simulator simulator;
  Request request{"POST", "http://x/v1/servers", {{"Authorization", "Bearer " + std::string(64, 'k')}}, "{"};
  EXPECT_EQ(simulator.http.send(request, {}).value().status, 400);
  const Told told = simulator.post("/servers", {{"nmae", "x"}, {"image", true}});
  EXPECT_EQ(told.status, 422);
  EXPECT_EQ(told.code(), "invalid_input");
  std::set<std::string> fields;
  for (const auto& field : told.body["error"]["details"]["fields"]) fields.insert(field["name"]);
  EXPECT_EQ(fields, (std::set<std::string>{"nmae", "name", "image", "server_type"}));
}

TEST(HetznerSimulator, ListsComeInPages) {
  Simulator simulator;
  for (int i = 0; i < 60; ++i) {
    simulator.post("/placement_groups", {{"name", "g" + std::to_string(i)}, {"type", "spread"}});
  }
  const Told first = simulator.get("/placement_groups");
  EXPECT_EQ(first.body["placement_groups"].size(), 25U);
  EXPECT_EQ(first.body["meta"]["pagination"], Json::parse(R"({"page":1,"per_page":25,"previous_page":null,
      "next_page":2,"last_page":3,"total_entries":60})"));
  const Told last = simulator.get("/placement_groups?page=2&per_page=50");
  EXPECT_EQ(last.body["placement_groups"].size(), 10U);
  EXPECT_EQ(last.body["meta"]["pagination"]["next_page"], nullptr);
  EXPECT_EQ(simulator.get("/placement_groups?per_page=51").code(), "invalid_input");
  EXPECT_EQ(simulator.get("/placement_groups?page=0").code(), "invalid_input");
  EXPECT_EQ(simulator.get("/placement_groups?sort=name:desc&per_page=1").body["placement_groups"][0]["name"], "g9");
  EXPECT_EQ(simulator.get("/placement_groups?sort=colour").code(), "invalid_input");
}

TEST(HetznerSimulator, SelectorsAndNamesFilter) {
  Simulator simulator;
  const auto make = [&](const char* name, const Json& labels) {
    simulator.post("/placement_groups", {{"name", name}, {"type", "spread"}, {"labels", labels}});
  };
  make("a", {{"env", "prod"}, {"skep/cluster", "c1"}});
  make("b", {{"env", "test"}});
  make("c", Json::object());
  const auto names = [&](const std::string& query) {
    std::string found;
    const Told told = simulator.get("/placement_groups?" + query);
    for (const auto& one : told.body.value("placement_groups", Json::array())) found += one["name"].get<std::string>();
    return told.status == 200 ? found : told.code();
  };
  EXPECT_EQ(names("label_selector=env"), "ab");
  EXPECT_EQ(names("label_selector=!env"), "c");
  EXPECT_EQ(names("label_selector=env%3D%3Dprod"), "a");
  EXPECT_EQ(names("label_selector=env!=prod"), "bc");
  EXPECT_EQ(names("label_selector=env%20in%20(prod,test),skep/cluster"), "a");
  EXPECT_EQ(names("label_selector=env%20notin%20(prod)"), "bc");
  EXPECT_EQ(names("label_selector=env%20like%20x"), "invalid_input");
  EXPECT_EQ(names("name=b"), "b");
  EXPECT_EQ(names("name=z"), "");
}

TEST(HetznerSimulator, LabelsHaveAForm) {
  Simulator simulator;
  const auto code = [&](const Json& labels) {
    return simulator.post("/placement_groups", {{"name", "x"}, {"type", "spread"}, {"labels", labels}}).code();
  };
  for (const Json& wrong : {Json{{"a", std::string(64, 'x')}}, Json{{"a/b/c", "x"}}, Json{{"", "x"}}, Json{{"-a", "x"}},
                            Json{{"a", "with space"}}, Json{{"a", "ends-"}}, Json{{"hetzner.cloud/a", "x"}},
                            Json{{"a", 1}}, Json{{"A.B/c", "server/web-1"}}}) {
    EXPECT_EQ(code(wrong), "invalid_input") << wrong;
  }
  EXPECT_EQ(code({{"example.com/key_1", std::string(63, 'x')}, {"b", ""}}), "");
}

TEST(HetznerSimulator, NamesAreUniqueAndAPutReplacesAllLabels) {
  Simulator simulator;
  const std::string one =
      simulator.make("placement_groups", {{"name", "one"}, {"type", "spread"}, {"labels", {{"a", "b"}}}});
  const Told twice = simulator.post("/placement_groups", {{"name", "one"}, {"type", "spread"}});
  EXPECT_EQ(twice.status, 409);
  EXPECT_EQ(twice.code(), "uniqueness_error");
  EXPECT_EQ(twice.body["error"]["details"]["fields"][0]["name"], "name");
  simulator.make("placement_groups", {{"name", "two"}, {"type", "spread"}});
  EXPECT_EQ(simulator.tell("PUT", "/placement_groups/" + one, {{"name", "two"}}).code(), "uniqueness_error");
  const Told put = simulator.tell("PUT", "/placement_groups/" + one, {{"name", "one"}, {"labels", {{"c", "d"}}}});
  EXPECT_EQ(put.body["placement_group"]["labels"], (Json{{"c", "d"}}));
}

TEST(HetznerSimulator, ABucketOfRequestsFillsAgainWithTime) {
  Simulator simulator({.rate_limit = 10, .rate_refill = 0.5});
  for (int i = 9; i >= 0; --i) {
    const Told told = simulator.tell("GET", "/locations", nullptr, i % 2 == 0 ? 'k' : '\0');
    EXPECT_NE(told.status, 429);
    EXPECT_EQ(told.headers.at("ratelimit-remaining"), std::to_string(i));
    EXPECT_EQ(told.headers.at("ratelimit-limit"), "10");
  }
  const Told too_many = simulator.get("/locations");
  EXPECT_EQ(too_many.status, 429);
  EXPECT_EQ(too_many.code(), "rate_limit_exceeded");
  EXPECT_EQ(too_many.headers.at("ratelimit-reset"), std::to_string(1'790'000'000 + 21));
  simulator.clock.advance(seconds(2));
  EXPECT_EQ(simulator.get("/locations").status, 200);
  EXPECT_EQ(simulator.get("/locations").status, 429);
}

TEST(HetznerSimulator, ActionsTakeTimeAndLockWhatTheyWorkOn) {
  Simulator simulator;
  const Told told = simulator.post(
      "/servers", {{"name", "web-1"}, {"server_type", "cx23"}, {"image", "debian-12"}, {"location", "nbg1"}});
  ASSERT_EQ(told.status, 201) << told.body;
  const std::string path = "/servers/" + told.body["server"]["id"].dump();
  EXPECT_EQ(told.body["server"]["status"], "initializing");
  EXPECT_EQ(told.body["server"]["private_net"], Json::array());
  EXPECT_EQ(told.body["next_actions"][0]["command"], "start_server");
  EXPECT_NE(told.body["root_password"], nullptr);
  EXPECT_EQ(simulator.post(path + "/actions/poweroff").code(), "locked");
  EXPECT_EQ(simulator.tell("DELETE", path).code(), "locked");

  simulator.clock.advance(seconds(2));
  const Told both = simulator.get("/actions?id=" + told.body["action"]["id"].dump() +
                                  "&id=" + told.body["next_actions"][0]["id"].dump() + "&id=1");
  ASSERT_EQ(both.body["actions"].size(), 2U) << "one that is not there is left out";
  EXPECT_EQ(both.body["actions"][0]["status"], "running");
  EXPECT_EQ(both.body["actions"][0]["progress"], 66);
  EXPECT_EQ(both.body["actions"][0]["finished"], nullptr);

  simulator.settle();
  EXPECT_EQ(simulator.status_of(told.body["action"]), "success");
  EXPECT_EQ(simulator.get(path).body["server"]["status"], "running");
  EXPECT_GT(told.body["server"]["id"].get<std::int64_t>(), 1LL << 32) << "ids do not fit into 32 bits";
}

TEST(HetznerSimulator, ActionsFailWhenTold) {
  Simulator simulator({.failing_actions = {{"create_server", 1}}});
  const Told told = simulator.post("/servers", {{"name", "a"}, {"server_type", "cx23"}, {"image", "debian-12"}});
  simulator.settle();
  const Json action = simulator.get("/actions/" + told.body["action"]["id"].dump()).body["action"];
  EXPECT_EQ(action["status"], "error");
  EXPECT_EQ(action["error"]["code"], "action_failed");
}

TEST(HetznerSimulator, ListsMayLagBehind) {
  Simulator simulator({.list_lag = milliseconds(3000)});
  const Told made = simulator.post("/placement_groups", {{"name", "g"}, {"type", "spread"}, {"labels", {{"a", "b"}}}});
  const std::string path = "/placement_groups/" + made.body["placement_group"]["id"].dump();
  EXPECT_EQ(simulator.get(path).status, 200);
  EXPECT_TRUE(simulator.get("/placement_groups?name=g").body["placement_groups"].empty());
  EXPECT_EQ(simulator.post("/placement_groups", {{"name", "g"}, {"type", "spread"}}).code(), "uniqueness_error");
  simulator.clock.advance(seconds(3));
  EXPECT_EQ(simulator.get("/placement_groups?label_selector=a").body["placement_groups"].size(), 1U);
}

TEST(HetznerSimulator, LimitsAndSoldOutTypesAreSaid) {
  Simulator simulator({.sold_out = {{"cx33", "fsn1"}}, .limits = {{"servers", 1}}});
  const Json order = {{"name", "a"}, {"server_type", "cx33"}, {"image", "debian-12"}, {"location", "fsn1"}};
  const Told sold_out = simulator.post("/servers", order);
  EXPECT_EQ(sold_out.status, 412);
  EXPECT_EQ(sold_out.code(), "resource_unavailable");
  simulator.make_server("a");
  const Told too_many = simulator.post("/servers", {{"name", "b"}, {"server_type", "cx23"}, {"image", "debian-12"}});
  EXPECT_EQ(too_many.status, 403);
  EXPECT_EQ(too_many.body["error"]["details"]["limits"][0]["name"], "server_limit");
}

TEST(HetznerSimulator, RequestsAreCountedByShape) {
  Simulator simulator;
  simulator.get("/servers?page=1");
  simulator.get("/servers/17");
  simulator.get("/servers/18");
  EXPECT_EQ(simulator.cloud.requests(),
            (std::map<std::string, std::size_t>{{"GET /servers", 1}, {"GET /servers/{}", 2}}));
  EXPECT_EQ(simulator.cloud.request_count(), 3U);
}

TEST(HetznerSimulator, WhatIsForSaleCanBeRead) {
  Simulator simulator;
  EXPECT_EQ(simulator.get("/locations?name=fsn1").body["locations"][0]["network_zone"], "eu-central");
  EXPECT_EQ(simulator.get("/server_types?name=cx23").body["server_types"].size(), 1U);
  EXPECT_EQ(simulator.get("/server_types/114").body["server_type"]["name"], "cx23");
  EXPECT_EQ(simulator.get("/images?name=debian-12").body["images"].size(), 2U) << "one an architecture";
  EXPECT_EQ(simulator.get("/images?name=debian-12&architecture=arm&type=system").body["images"].size(), 1U);
  EXPECT_EQ(simulator.get("/load_balancer_types").body["load_balancer_types"].size(), 3U);
  EXPECT_EQ(simulator.get("/pricing").body["pricing"]["currency"], "EUR");
}

}  // namespace
}  // namespace skep::testing
