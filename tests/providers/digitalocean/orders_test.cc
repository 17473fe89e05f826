// What is for sale and what it costs: unknown names with suggestions, several sizes in turn, prices.
#include <gmock/gmock.h>

#include "providers/digitalocean/prices.h"
#include "tests/providers/digitalocean/digitalocean_kit.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

TEST(DigitalOceanOrders, WhatCannotBeHadIsSaidBeforeAnythingIsMade) {
  struct Case {
    const char* name;
    std::function<void(Spec&)> change;
    ErrorCode code;
    std::string text;
  };
  const std::vector<Case> cases = {
      {"a misspelt size", [](Spec& spec) { spec.pools["manager"].type = "s-2vcpu-5gb"; }, ErrorCode::invalid_input,
       "pool manager: digitalocean has no size \"s-2vcpu-5gb\", did you mean \"s-2vcpu-"},
      {"a misspelt region", [](Spec& spec) { spec.pools["manager"].location = "fra9"; }, ErrorCode::invalid_input,
       "pool manager: digitalocean has no region \"fra9\", did you mean \"fra1\"? | there are"},
      {"a misspelt image", [](Spec& spec) { spec.pools["manager"].image = "debian-21"; }, ErrorCode::invalid_input,
       "pool manager: digitalocean has no image \"debian-21-x64\" in fra1, did you mean \"debian-1"},
      {"sold out", [](Spec& spec) { spec.pools["manager"].type = "s-8vcpu-16gb"; }, ErrorCode::exhausted,
       " | fra1 offers "},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    DigitalOceanWorld world({.sold_out = {{"s-8vcpu-16gb", "fra1"}}});
    Spec spec = digitalocean_spec(1);
    one.change(spec);
    const Asked answer = asked(world, spec);
    EXPECT_EQ(answer.code, one.code) << answer.text;
    EXPECT_THAT(answer.text, HasSubstr(one.text));
    EXPECT_EQ(world.what_exists(), "");
  }
}

TEST(DigitalOceanOrders, AVpcThatOverlapsIsSaidBeforeAnythingIsMade) {
  DigitalOceanWorld world;
  Spec first = digitalocean_spec(1);
  first.network.range = "10.10.0.0/16";
  ASSERT_TRUE(world.apply(first).ok());
  EXPECT_EQ(asked(world, first).text, "") << "its own network is no hindrance";
  Spec second = first;
  second.name = "other";
  second.network.range = "10.10.32.0/20";
  const Asked answer = asked(world, second);
  EXPECT_EQ(answer.code, ErrorCode::invalid_input);
  EXPECT_THAT(answer.text,
              HasSubstr("range 10.10.32.0/20 overlaps 10.10.0.0/16 of the account's VPC demo-digitalocean"));
}

TEST(DigitalOceanOrders, TooManyKeysForTheUserData) {
  DigitalOceanWorld world;
  EXPECT_EQ(asked(world, digitalocean_spec(1), 600).text, "");
  const Asked answer = asked(world, digitalocean_spec(1), 800);
  EXPECT_EQ(answer.code, ErrorCode::invalid_input);
  EXPECT_THAT(answer.text, HasSubstr("server/manager-1: the user data has"));
  EXPECT_THAT(answer.text, HasSubstr("DigitalOcean takes 64"));
}

TEST(DigitalOceanOrders, SizesAreTriedInTurnAndWhatWasHadStays) {
  DigitalOceanWorld world({.sold_out = {{"s-2vcpu-4gb", "fra1"}}});
  Spec spec = digitalocean_spec(1);
  spec.pools["manager"].other_types = {"s-4vcpu-8gb"};
  const auto done = world.apply(spec);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(world.object("server/manager-1").attributes["type"], "s-4vcpu-8gb");
  world.restart();
  EXPECT_EQ(world.plan_text(spec), "");
  world.cloud.options().sold_out.clear();
  EXPECT_EQ(world.plan_text(spec), "") << "a machine that stands is not changed because another could be had";
}

TEST(DigitalOceanOrders, ADiskThatWouldHaveToShrinkIsSaidBeforeAnythingIsSwitchedOff) {
  DigitalOceanWorld world;
  Spec spec = digitalocean_spec(1);
  spec.pools["manager"].type = "s-4vcpu-8gb";
  ASSERT_TRUE(world.apply(spec).ok());
  world.restart();
  spec.pools["manager"].type = "s-2vcpu-4gb";
  const Asked smaller = asked(world, spec);
  EXPECT_EQ(smaller.code, ErrorCode::refused);
  EXPECT_THAT(smaller.text, HasSubstr("manager-1: its disk of 160 GB does not fit the 80 GB of s-2vcpu-4gb"));
}

TEST(DigitalOceanOrders, TheAccountsLimitIsNoMatterOfSizes) {
  DigitalOceanWorld world({.limits = {{"droplets", 1}}});
  Spec spec = digitalocean_spec(1, 1);
  spec.pools["worker"].other_types = {"s-4vcpu-8gb"};
  const auto refused = world.apply(spec);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::exhausted) << refused.error().message;
  EXPECT_THAT(refused.error().hint, HasSubstr("raise the account's limit"));
  EXPECT_EQ(world.cloud.requests().at("POST /v2/droplets"), 2U) << "no other size is tried";
}

TEST(DigitalOceanOrders, PricesAreThoseOfTheProvidersListAndOfItsPages) {
  DigitalOceanWorld world;
  Spec spec = digitalocean_spec(1, 1);
  add_volume(spec.pools["worker"], 100);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443}}};
  const Context context = {.deadline = world.clock.now() + std::chrono::minutes(1)};
  const auto prices = world.provider().prices(resources_of(world, spec), context).value();
  EXPECT_EQ(prices.currency, "USD");
  EXPECT_TRUE(prices.unknown.empty());
  const std::map<ResourceId, double> expected = {{{"server", "manager-1"}, 24},
                                                 {{"server", "worker-1"}, 24},
                                                 {{"volume", "worker-1-data"}, 10},
                                                 {{"load_balancer", "web"}, 12}};
  ASSERT_EQ(prices.monthly.size(), expected.size());
  for (const auto& [id, price] : expected) EXPECT_NEAR(prices.monthly.at(id), price, 1e-6) << to_text(id);

  spec.pools["worker"].backups = true;
  const auto with_backups = world.provider().prices(resources_of(world, spec), context).value();
  EXPECT_NEAR(with_backups.monthly.at({"server", "worker-1"}), 24 * 1.2, 1e-6);
  EXPECT_NEAR(with_backups.monthly.at({"server", "manager-1"}), 24, 1e-6);
}

TEST(DigitalOceanOrders, AListWithoutTheSizeSaysSo) {
  const Resource server{.id = {"server", "a"}, .driver = "digitalocean.server", .inputs = {{"type", "s-2vcpu-4gb"}}};
  const Resource foreign{.id = {"server", "b"}, .driver = "local.server"};
  const std::vector<Resource> both = {server, foreign};
  const Prices prices = digitalocean::prices_of({}, both);
  EXPECT_TRUE(prices.monthly.empty());
  EXPECT_EQ(prices.unknown, std::vector<ResourceId>{server.id});
}

TEST(DigitalOceanOrders, ASmallerVolumeIsRefusedByThePlan) {
  DigitalOceanWorld world;
  Spec spec = digitalocean_spec(1, 1);
  add_volume(spec.pools["worker"], 10);
  ASSERT_TRUE(world.apply(spec).ok());
  add_volume(spec.pools["worker"], 5);
  const auto plan = world.plan(spec);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::refused);
  EXPECT_EQ(plan.error().message, "volume/worker-1-data: its size can only grow: 10 GB → 5 GB");
}

}  // namespace
}  // namespace skep::testing
