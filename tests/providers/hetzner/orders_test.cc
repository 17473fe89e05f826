// What is for sale and what it costs: unknown names with suggestions, several types and places in turn, prices.
#include <gmock/gmock.h>

#include "providers/hetzner/prices.h"
#include "tests/providers/hetzner/hetzner_kit.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

TEST(HetznerOrders, WhatCannotBeHadIsSaidBeforeAnythingIsMade) {
  struct Case {
    const char* name;
    std::function<void(PoolSpec&)> change;
    ErrorCode code;
    std::string text;
  };
  const std::vector<Case> cases = {
      {"a misspelt type", [](PoolSpec& pool) { pool.type = "cx34"; }, ErrorCode::invalid_input,
       "pool manager: hetzner has no server type \"cx34\", did you mean \"cx33\"? | fsn1 offers"},
      {"a type of other places", [](PoolSpec& pool) { pool.location = "hil"; }, ErrorCode::invalid_input,
       "pool manager: hetzner does not sell cx23 in hil | hil offers ccx13"},
      {"a misspelt image", [](PoolSpec& pool) { pool.image = "debian-21"; }, ErrorCode::invalid_input,
       "pool manager: hetzner has no image \"debian-21\" for x86, did you mean \"debian-12\"? | there are debian-12"},
      {"an image of another architecture",
       [](PoolSpec& pool) {
         pool.type = "cax11";
         pool.image = "ubuntu-22.04";
       },
       ErrorCode::invalid_input, "hetzner has no image \"ubuntu-22.04\" for arm"},
      {"sold out", [](PoolSpec& pool) { pool.type = "cx43"; }, ErrorCode::exhausted,
       "pool manager: cx43 cannot be ordered in fsn1 at the moment | fsn1 offers"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    HetznerWorld world({.sold_out = {{"cx43", "fsn1"}}});
    Spec spec = hetzner_spec(1);
    one.change(spec.pools["manager"]);
    const Asked answer = asked(world, spec);
    EXPECT_EQ(answer.code, one.code);
    EXPECT_THAT(answer.text, HasSubstr(one.text));
  }
}

TEST(HetznerOrders, OneOfSeveralTypesAndPlacesIsEnough) {
  HetznerWorld world({.sold_out = {{"cx23", "fsn1"}, {"cx23", "nbg1"}}});
  Spec spec = hetzner_spec(1);
  EXPECT_EQ(asked(world, spec).code, ErrorCode::exhausted);
  spec.pools["manager"].other_locations = {"nbg1"};
  EXPECT_EQ(asked(world, spec).code, ErrorCode::exhausted);
  spec.pools["manager"].other_types = {"cx33"};
  EXPECT_EQ(asked(world, spec).text, "");
  spec.pools["manager"].other_types = {"cx99"};
  EXPECT_EQ(asked(world, spec).code, ErrorCode::invalid_input) << "a name that does not exist is a slip all the same";
}

TEST(HetznerOrders, ADiskThatWouldHaveToShrinkIsSaidBeforeAnythingIsSwitchedOff) {
  HetznerWorld world;
  Spec spec = hetzner_spec(1);
  spec.pools["manager"].type = "cx33";
  ASSERT_TRUE(world.apply(spec).ok());
  world.restart();
  spec.pools["manager"].type = "cx23";
  const Asked smaller = asked(world, spec);
  EXPECT_EQ(smaller.code, ErrorCode::refused);
  EXPECT_THAT(smaller.text, HasSubstr("manager-1: its disk of 80 GB does not fit the 40 GB of cx23"));
  EXPECT_THAT(smaller.text, HasSubstr("skep apply -replace=manager-1"));
  spec.pools["manager"].type = "cx43";
  EXPECT_EQ(asked(world, spec).text, "");
}

TEST(HetznerOrders, TooManyKeysForTheUserData) {
  HetznerWorld world;
  EXPECT_EQ(asked(world, hetzner_spec(1), 300).text, "");
  const Asked answer = asked(world, hetzner_spec(1), 400);
  EXPECT_EQ(answer.code, ErrorCode::invalid_input);
  EXPECT_THAT(answer.text, HasSubstr("server/manager-1: the user data has"));
  EXPECT_THAT(answer.text, HasSubstr("400 keys may log in"));
}

TEST(HetznerOrders, TypesAreTriedInTurnAndWhatWasHadStays) {
  HetznerWorld world({.sold_out = {{"cx23", "fsn1"}}});
  Spec spec = hetzner_spec(1);
  spec.pools["manager"].other_types = {"cx33"};
  ASSERT_TRUE(world.apply(spec).ok());
  EXPECT_EQ(world.object("server/manager-1").attributes["type"], "cx33");
  world.restart();
  EXPECT_EQ(world.plan_text(spec), "");
  world.cloud.options().sold_out.clear();
  EXPECT_EQ(world.plan_text(spec), "") << "a machine that stands is not changed because another could be had";
  spec.pools["manager"].other_types = {"cx43"};
  EXPECT_EQ(world.plan_text(spec), "update server/manager-1 type: cx33 -> cx23 (disruptive)\n");
}

TEST(HetznerOrders, PlacesAreTriedInTurnAndWhatWasHadStays) {
  HetznerWorld world({.sold_out = {{"cx23", "fsn1"}}});
  Spec spec = hetzner_spec(1);
  spec.pools["manager"].other_locations = {"nbg1", "hel1"};
  ASSERT_TRUE(world.apply(spec).ok());
  EXPECT_EQ(world.object("server/manager-1").attributes["location"], "nbg1");
  world.restart();
  EXPECT_EQ(world.plan_text(spec), "");
  world.store.set_state({.lineage = "new", .digest_key = "key"});
  world.restart();
  ASSERT_TRUE(world.apply(spec).ok()) << "after the state is lost";
  EXPECT_EQ(world.plan_text(spec), "");
  EXPECT_EQ(world.cloud.all("servers").size(), 1U);
}

TEST(HetznerOrders, PricesAreThoseOfTheProvidersList) {
  HetznerWorld world;
  Spec spec = hetzner_spec(1, 1);
  add_volume(spec.pools["worker"], 100);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443}}};
  const Context context = {.deadline = world.clock.now() + std::chrono::minutes(1)};
  const auto prices = world.provider().prices(resources_of(world, spec), context).value();
  EXPECT_EQ(prices.currency, "EUR");
  EXPECT_TRUE(prices.unknown.empty());
  const std::map<ResourceId, double> expected = {{{"server", "manager-1"}, 5.99},  // cx23 and its IPv4 address
                                                 {{"server", "worker-1"}, 5.99},
                                                 {{"volume", "worker-1-data"}, 4.4},
                                                 {{"floating_ip", "ingress"}, 3.0},
                                                 {{"load_balancer", "web"}, 7.49}};
  ASSERT_EQ(prices.monthly.size(), expected.size());
  for (const auto& [id, price] : expected) EXPECT_NEAR(prices.monthly.at(id), price, 1e-6) << to_text(id);

  spec.pools["worker"].backups = true;
  const auto with_backups = world.provider().prices(resources_of(world, spec), context).value();
  const double server_alone = 5.99 - 0.5;
  EXPECT_NEAR(with_backups.monthly.at({"server", "worker-1"}), 5.99 + 0.2 * server_alone, 1e-6);
  EXPECT_NEAR(with_backups.monthly.at({"server", "manager-1"}), 5.99, 1e-6);
}

TEST(HetznerOrders, AListWithoutTheTypeSaysSo) {
  const Json list = {{"currency", "EUR"}, {"server_types", Json::array()}};
  const Resource server{
      .id = {"server", "a"}, .driver = "hetzner.server", .inputs = {{"type", "cx23"}, {"location", "fsn1"}}};
  const Resource foreign{.id = {"server", "b"}, .driver = "local.server"};
  const std::vector<Resource> both = {server, foreign};
  const Prices prices = hetzner::prices_of(list, both);
  EXPECT_TRUE(prices.monthly.empty());
  EXPECT_EQ(prices.unknown, std::vector<ResourceId>{server.id});
}

TEST(HetznerOrders, WhatCanOnlyGrowIsRefusedByThePlan) {
  HetznerWorld world;
  Spec spec = hetzner_spec(1, 1);
  add_volume(spec.pools["worker"], 20);
  spec.network.range = "10.20.0.0/16";
  ASSERT_TRUE(world.apply(spec).ok());
  Spec smaller = spec;
  add_volume(smaller.pools["worker"], 10);
  smaller.network.range = "10.20.0.0/17";
  const auto plan = world.plan(smaller);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::refused);
  EXPECT_THAT(plan.error().message,
              HasSubstr("\n  network/hetzner: its range can only grow: 10.20.0.0/16 → 10.20.0.0/17"));
  EXPECT_THAT(plan.error().message, HasSubstr("\n  volume/worker-1-data: its size can only grow: 20 GB → 10 GB"));
  spec.network.range = "10.0.0.0/8";
  EXPECT_TRUE(world.plan(spec).ok());
}

}  // namespace
}  // namespace skep::testing
