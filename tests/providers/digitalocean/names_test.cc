// DNS records that lead to a cluster at the simulated DigitalOcean: made, changed, found again, destroyed, never taken.
#include <gmock/gmock.h>

#include "tests/providers/digitalocean/digitalocean_kit.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

Spec spec_to_lead_to() {
  Spec spec = digitalocean_spec(1, 1);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443}}};
  return spec;
}

void expect_made(const Result<Summary>& result) {
  ASSERT_TRUE(result.ok()) << result.error().message << "\n" << result.error().hint;
}

TEST(DigitalOceanNames, ANameLeadsToTheClusterAndFollowsIt) {
  DigitalOceanWorld world;
  world.ask("POST", "/domains", {{"name", "example.com"}});
  Spec spec = spec_to_lead_to();
  spec.dns_records["shop"] = {.name = "shop.example.com", .zone = "example.com", .load_balancer = "web"};
  spec.dns_records["top"] = {.name = "example.com", .zone = "example.com", .floating_ip = "ingress"};
  expect_made(world.apply(spec));
  EXPECT_EQ(world.plan_text(spec), "");
  EXPECT_THAT(world.what_exists(), HasSubstr("records: A:@ A:shop TXT:_skep TXT:_skep.shop\n"));
  const auto address_of = [&](const std::string& name) {
    for (const auto& record : world.cloud.all("domain_records")) {
      if (record["name"] == name && record["type"] == "A") return record["data"].get<std::string>();
    }
    return std::string();
  };
  EXPECT_EQ(address_of("shop"), world.object("load_balancer/web").attributes["address"]);

  spec.dns_records["shop"] = {
      .name = "shop.example.com", .zone = "example.com", .floating_ip = "ingress", .ttl = std::chrono::minutes(10)};
  EXPECT_THAT(world.plan_text(spec), ::testing::StartsWith("update dns_record/shop address: "));
  world.restart();
  expect_made(world.apply(spec));
  EXPECT_EQ(address_of("shop"), address_of("@"));
  EXPECT_EQ(world.plan_text(spec), "");

  spec.dns_records["shop"].name = "store.example.com";
  EXPECT_THAT(world.plan_text(spec), ::testing::StartsWith("replace dns_record/shop"));
  expect_made(world.apply(spec));
  EXPECT_THAT(world.what_exists(), HasSubstr("records: A:@ A:store TXT:_skep TXT:_skep.store\n"));

  world.store.set_state({.lineage = "new", .digest_key = "key"});  // the TXT records say whose they are
  world.restart();
  expect_made(world.apply(spec));
  EXPECT_EQ(world.plan_text(spec), "");
  expect_made(world.destroy(spec));
  EXPECT_EQ(world.what_exists(), "");
}

TEST(DigitalOceanNames, ANameThatIsNotOursIsNeverTaken) {
  DigitalOceanWorld world;
  world.ask("POST", "/domains", {{"name", "example.com"}, {"ip_address", "192.0.2.1"}});
  Spec spec = spec_to_lead_to();
  spec.dns_records["top"] = {.name = "example.com", .zone = "example.com", .load_balancer = "web"};
  const auto taken = world.apply(spec);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, ErrorCode::refused);
  EXPECT_THAT(taken.error().message, HasSubstr("example.com leads elsewhere already"));
  EXPECT_THAT(world.what_exists(), HasSubstr("records: A:@\n"));

  spec.dns_records["top"].name = spec.dns_records["top"].zone = "example.org";
  const auto missing = world.apply(spec);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().hint, "make the zone example.org at the provider, or name another one as zone");
}

}  // namespace
}  // namespace skep::testing
