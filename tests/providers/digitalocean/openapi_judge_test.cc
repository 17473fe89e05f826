// The judge sees what is wrong with DigitalOcean's exchanges: a judge that never complains proves nothing. And what the
// document refuses, the simulation refuses.
#include <gmock/gmock.h>

#include <regex>

#include "tests/providers/digitalocean/simulator_kit.h"

namespace skep::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DigitalOceanJudge : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!digitalocean_document()) GTEST_SKIP() << "no specifications: set SKEP_API_SPECS";
  }
  static std::vector<std::string> asked(const std::string& method, const std::string& path, const Json& body) {
    return digitalocean_document()->request_violations(
        {method, "https://x/v2" + path, {}, body.is_null() ? "" : body.dump()});
  }
  static std::vector<std::string> answered(const std::string& path, int status, const std::string& body) {
    return digitalocean_document()->response_violations({"GET", "https://x/v2" + path}, {status, {}, body});
  }
};

TEST_F(DigitalOceanJudge, Requests) {
  const Json order = DropletSimulator::droplet_order("a");
  EXPECT_THAT(asked("POST", "/droplets", order), IsEmpty());
  const auto with = [&](const Json& more) {
    return asked("POST", "/droplets", DropletSimulator::droplet_order("a", more));
  };
  EXPECT_THAT(with({{"vpc", "x"}}), Contains(HasSubstr("vpc is unknown")));
  EXPECT_THAT(with({{"tags", {1}}}), Contains(HasSubstr(".tags[0]: is not of type string")));
  EXPECT_THAT(with({{"name", "a_b"}}), Contains(HasSubstr("does not match")));
  EXPECT_THAT(asked("GET", "/droplets?tag=x", nullptr), ElementsAre(HasSubstr("query parameter tag is unknown")));
  EXPECT_THAT(asked("GET", "/servers", nullptr), ElementsAre(HasSubstr("is not in the document")));
}

TEST_F(DigitalOceanJudge, Answers) {
  EXPECT_THAT(answered("/vpcs", 200, R"({"vpcs":[],"links":{},"meta":{"total":0}})"), IsEmpty());
  EXPECT_THAT(answered("/vpcs", 200, R"({"vpcs":[],"links":{}})"), Contains(HasSubstr("lacks meta")));
  EXPECT_THAT(answered("/vpcs", 200, R"({"vpcs":[{"cidr":"x"}],"meta":{"total":0}})"),
              Contains(HasSubstr("cidr is unknown")));
  EXPECT_THAT(answered("/vpcs", 418, R"({"id":"teapot","message":"short"})"), IsEmpty()) << "there is a default";
  EXPECT_THAT(answered("/vpcs", 418, R"({"code":"teapot"})"), Not(IsEmpty()));
}

TEST_F(DigitalOceanJudge, EveryOperationOfTheDocumentIsSimulated) {
  DropletSimulator simulator({.rate_minute = 1000, .rate_keys = 1000});
  const auto operations = digitalocean_document()->operations();
  EXPECT_GT(operations.size(), 100U);
  for (const auto& [method, path] : operations) {
    simulator.tell_as(DropletSimulator::token('a'), method,
                      std::regex_replace(path, std::regex("[{][a-z_0-9]+[}]"), "7"));
    EXPECT_FALSE(simulator.cloud.requests().contains(method + " /v2/unknown")) << method << " " << path;
  }
  fmt::print("{} operations of the document are simulated\n", operations.size());
}

/// A body that is right, and where it goes.
struct Order {
  const char* path;
  Json body;
};

Json lb_order() {
  return {{"name", "lb"},
          {"region", "fra1"},
          {"tag", "web"},
          {"size_unit", 2},
          {"forwarding_rules",
           {{{"entry_protocol", "tcp"}, {"entry_port", 80}, {"target_protocol", "tcp"}, {"target_port", 80}}}},
          {"health_check", {{"protocol", "tcp"}, {"port", 80}, {"check_interval_seconds", 5}}},
          {"sticky_sessions", {{"type", "none"}}},
          {"network", "EXTERNAL"},
          {"http_idle_timeout_seconds", 60}};
}

std::vector<Order> orders() {
  return {
      {"/droplets", DropletSimulator::droplet_order("a", {{"ssh_keys", Json::array()},
                                                          {"tags", {"a"}},
                                                          {"ipv6", true},
                                                          {"monitoring", true},
                                                          {"backups", true},
                                                          {"backup_policy", {{"plan", "daily"}, {"hour", 4}}},
                                                          {"user_data", "x"}})},
      {"/volumes",
       {{"name", "v"}, {"region", "fra1"}, {"size_gigabytes", 5}, {"filesystem_type", "xfs"}, {"tags", {"a"}}}},
      {"/vpcs", {{"name", "v"}, {"region", "fra1"}, {"ip_range", "10.1.0.0/24"}, {"description", "d"}}},
      {"/firewalls", firewall_order("fw", {{"droplet_ids", Json::array()}, {"tags", Json::array()}})},
      {"/load_balancers", lb_order()},
      {"/tags", {{"name", "t"}}},
      {"/account/keys", {{"name", "k"}, {"public_key", public_key}}},
      {"/reserved_ips", {{"region", "fra1"}}},
      {"/projects", {{"name", "p"}, {"purpose", "x"}, {"description", "d"}, {"environment", "Staging"}}},
      {"/domains", {{"name", "example.com"}, {"ip_address", "203.0.113.1"}}},
      {"/images", {{"name", "i"}, {"url", "https://example.com/i"}, {"region", "fra1"}, {"distribution", "Debian"}}},
  };
}

/// Each with one thing changed: a member gone, one too many, one of another type or value.
std::vector<Json> spoiled(const Json& value) {
  std::vector<Json> found;
  if (value.is_object()) {
    found.push_back(value);
    found.back()["no_such_member"] = 1;
    for (const auto& [name, member] : value.items()) {
      found.push_back(value);
      found.back().erase(name);
      for (const auto& bad : spoiled(member)) {
        found.push_back(value);
        found.back()[name] = bad;
      }
    }
  }
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
    for (const auto& bad : spoiled(value[i])) {
      found.push_back(value);
      found.back()[i] = bad;
    }
  }
  for (const Json& other : {Json(), Json(-7), Json(1'000'000), Json(0.5), Json(true), Json("?!"), Json(""),
                            Json(std::string(300, 'x')), Json::array({0.5}), Json{{"no_such_member", 1}}}) {
    found.push_back(other);
  }
  return found;
}

TEST_F(DigitalOceanJudge, WhatTheDocumentRefusesIsRefused) {
  std::size_t tried = 0;
  std::size_t wrong = 0;
  for (const auto& order : orders()) {
    DropletSimulator whole;
    EXPECT_LT(whole.post(order.path, order.body).status, 300) << order.path;
    EXPECT_THAT(asked("POST", order.path, order.body), IsEmpty());
    for (const auto& body : spoiled(order.body)) {
      if (body.is_null()) continue;  // that is no body at all
      ++tried;
      const auto violations = asked("POST", order.path, body);
      if (violations.empty()) continue;
      ++wrong;
      DropletSimulator simulator;
      const Told told = simulator.post(order.path, body);
      EXPECT_GE(told.status, 400) << order.path << " " << body << "\n" << violations[0];
      EXPECT_LT(told.status, 500) << order.path << " " << body;
    }
  }
  fmt::print("{} of {} bodies with something changed are wrong by the document\n", wrong, tried);
  EXPECT_GT(wrong, 500U);
}

}  // namespace
}  // namespace skep::testing
