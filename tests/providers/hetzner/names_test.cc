// DNS records that lead to a cluster at the simulated Hetzner Cloud: made, changed, found again, destroyed, never
// taken.
#include <gmock/gmock.h>

#include "tests/providers/hetzner/hetzner_kit.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

Spec named_spec() {
  Spec spec = hetzner_spec(1, 1);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443}}};
  return spec;
}

void expect_led(const Result<Summary>& result) {
  ASSERT_TRUE(result.ok()) << result.error().message << "\n" << result.error().hint;
}

TEST(HetznerNames, ANameLeadsToTheClusterAndFollowsIt) {
  HetznerWorld world;
  world.make_zone("example.com");
  Spec spec = named_spec();
  spec.dns_records["shop"] = {.name = "shop.example.com", .zone = "example.com", .load_balancer = "web"};
  spec.dns_records["top"] = {.name = "example.com", .zone = "example.com", .floating_ip = "ingress"};
  expect_led(world.apply(spec));
  EXPECT_EQ(world.plan_text(spec), "");
  const auto address_of = [&](const std::string& name) {
    for (const auto& set : world.cloud.all("rrsets")) {
      if (set["name"] == name) return set["records"][0]["value"].get<std::string>();
    }
    return std::string();
  };
  EXPECT_EQ(address_of("shop"), world.object("load_balancer/web").attributes["address"]);
  EXPECT_EQ(address_of("@"), world.object("floating_ip/ingress").attributes["address"]);

  spec.dns_records["shop"] = {
      .name = "shop.example.com", .zone = "example.com", .floating_ip = "ingress", .ttl = std::chrono::minutes(10)};
  EXPECT_THAT(world.plan_text(spec), ::testing::StartsWith("update dns_record/shop address: "));
  world.restart();
  expect_led(world.apply(spec));
  EXPECT_EQ(address_of("shop"), address_of("@"));
  EXPECT_EQ(world.plan_text(spec), "");

  spec.dns_records["shop"].name = "store.example.com";
  EXPECT_THAT(world.plan_text(spec), ::testing::StartsWith("replace dns_record/shop"));
  expect_led(world.apply(spec));
  EXPECT_EQ(address_of("shop"), "");
  EXPECT_EQ(address_of("store"), address_of("@"));

  world.store.set_state({.lineage = "new", .digest_key = "key"});  // the labels say whose the records are
  world.restart();
  expect_led(world.apply(spec));
  EXPECT_EQ(world.plan_text(spec), "");
  expect_led(world.destroy(spec));
  EXPECT_EQ(world.what_exists(), "");
  const auto violations = world.judge().violations();
  EXPECT_TRUE(violations.empty()) << violations.front();
}

TEST(HetznerNames, ANameThatIsNotOursIsNeverTaken) {
  HetznerWorld world;
  world.make_zone("example.com");
  const Request request{"POST",
                        "http://cloud/v1/zones/example.com/rrsets",
                        {{"Authorization", "Bearer " + std::string(64, 'k')}, {"Content-Type", "application/json"}},
                        R"({"name":"shop","type":"A","records":[{"value":"192.0.2.1"}]})"};
  ASSERT_EQ(world.judge().send(request, {}).value().status, 201);
  Spec spec = named_spec();
  spec.dns_records["shop"] = {.name = "shop.example.com", .zone = "example.com", .load_balancer = "web"};
  const auto taken = world.apply(spec);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, ErrorCode::refused);
  EXPECT_THAT(taken.error().message, HasSubstr("shop.example.com leads elsewhere already"));
  EXPECT_EQ(world.cloud.all("rrsets").front()["records"][0]["value"], "192.0.2.1");

  spec.dns_records["shop"].name = "shop.example.org";
  spec.dns_records["shop"].zone = "example.org";
  const auto missing = world.apply(spec);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().hint, "make the zone example.org at the provider, or name another one as zone");
}

TEST(HetznerNames, WhatANewerOneHasIsNotTheOldersAnyMore) {
  HetznerWorld world;
  world.make_zone("example.com");
  Spec spec = named_spec();
  spec.dns_records["shop"] = {.name = "shop.example.com", .zone = "example.com", .load_balancer = "web"};
  expect_led(world.apply(spec));
  const Record record = world.store.state().records.at({"dns_record", "shop"});
  Resource older = record.resource;
  older.inputs = record.applied;
  Resource newer = older;
  newer.id.generation = 2;
  Driver* driver = world.driver("hetzner.dns_record");
  const std::string& id = record.object.remote_id;
  ASSERT_TRUE(driver->destroy(older, record.object, {}).ok());
  ASSERT_TRUE(driver->create(newer, {}).ok());
  EXPECT_TRUE(driver->find(newer, id, {}).value().has_value());
  EXPECT_FALSE(driver->find(older, id, {}).value().has_value()) << "destroying it would take the newer one's name";
  const auto adopted = driver->find(older, "", {}).value();
  ASSERT_TRUE(adopted) << "with the state the generation is lost";
  ASSERT_TRUE(driver->wait_ready(older, *adopted, {}).ok());
  EXPECT_TRUE(driver->find(older, id, {}).value().has_value());
}

}  // namespace
}  // namespace skep::testing
