// What is wrong with a spec for Hetzner Cloud, offline; and how the provider remembers the key that a host made itself.
#include <gmock/gmock.h>

#include "providers/hetzner/check_hetzner.h"
#include "tests/providers/hetzner/hetzner_kit.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

std::string problems_of(const Spec& spec) {
  std::string text;
  for (const auto& problem : hetzner::check_hetzner(spec)) text += problem.message + "\n";
  return text;
}

TEST(HetznerSpec, WhatCannotBeIsRefusedOffline) {
  struct Case {
    const char* name;
    std::function<void(Spec&)> change;
    std::string problems;
  };
  const std::vector<Case> cases = {
      {"nothing", [](Spec&) {}, ""},
      {"a misspelt location", [](Spec& spec) { spec.pools["manager"].location = "fns1"; },
       "pools.manager.location: hetzner has no location 'fns1', did you mean 'fsn1'?\n"},
      {"a second location that does not exist", [](Spec& spec) { spec.pools["manager"].other_locations = {"mars"}; },
       "pools.manager.location: hetzner has no location 'mars'\n"},
      {"no location", [](Spec& spec) { spec.pools["manager"].location = ""; },
       "pools.manager.location: a pool at hetzner needs a location\n"},
      {"volumes in several places",
       [](Spec& spec) {
         add_volume(spec.pools["manager"], 10);
         spec.pools["manager"].other_locations = {"nbg1"};
       },
       "pools.manager.location: volumes at hetzner stay in one location, and so do their servers\n"},
      {"machines elsewhere", [](Spec& spec) { spec.pools["edge"] = {.name = "edge", .provider = "existing"}; }, ""},
      {"machines here", [](Spec& spec) { spec.pools["edge"] = {.name = "edge", .provider = "local"}; },
       "pools.edge.provider: machines on this computer cannot be reached by those at hetzner\n"},
      {"a token in the clear", [](Spec& spec) { spec.endpoints["hetzner"] = "http://proxy.example:8080/v1"; },
       "endpoints.hetzner: the token would travel in the clear to proxy.example\n"},
      {"a simulator here", [](Spec& spec) { spec.endpoints["hetzner"] = "http://127.0.0.1:4020/v1"; }, ""},
      {"too many rules",
       [](Spec& spec) {
         for (int port = 1000; port < 1060; ++port) spec.firewall.inbound.push_back({.port = std::to_string(port)});
       },
       "firewall: a firewall at hetzner takes 50 rules, these make 62\n"},
      {"a certificate by its name",
       [](Spec& spec) {
         spec.load_balancers["web"] = {.pool = "manager",
                                       .listen = {{.port = 443, .protocol = "https", .certificate = "897"},
                                                  {.port = 444, .protocol = "https", .certificate = "mine"}}};
       },
       "load_balancers.web.listen.1.certificate: hetzner calls certificates by numbers, not 'mine'\n"},
      {"too many members elsewhere",
       [](Spec& spec) {
         spec.pools["edge"] = pool_of(spec, "edge", Role::worker, 100);
         spec.pools["edge"].provider = "digitalocean";
       },
       "pools: 101 nodes at several providers open 509 addresses and ports to each other, and a server at hetzner "
       "bears "
       "500\n"},
      {"a range that is not private", [](Spec& spec) { spec.network.range = "8.8.0.0/16"; },
       "network.range: hetzner needs a private IPv4 range of at least a /24, not '8.8.0.0/16'\n"},
      {"a small volume", [](Spec& spec) { add_volume(spec.pools["manager"], 5); },
       "pools.manager.volumes.data.size: volumes at hetzner have 10 to 10240 GB\n"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    Spec spec = hetzner_spec(1);
    one.change(spec);
    EXPECT_EQ(problems_of(spec), one.problems);
  }
}

TEST(HetznerSpec, ATokenMustBeThereAndBeOne) {
  ManualClock clock;
  SameBytes random(1);
  ScriptedHttp http;
  for (const char* token : {"", "abc\n", "two words"}) {
    const auto provider = make_hetzner_provider({http, clock, random, Secret(token), ""});
    const auto ready = provider->preflight(hetzner_spec(1), {});
    ASSERT_FALSE(ready.ok());
    EXPECT_EQ(ready.error().code, ErrorCode::invalid_input);
    EXPECT_THAT(ready.error().hint, HasSubstr("set HCLOUD_TOKEN"));
  }
  EXPECT_TRUE(http.seen.empty());
}

/// A server stands; its pin is set, found in a list, moved, and taken away, and its other labels stay.
TEST(HetznerPin, TheKeyThatTheHostMadeIsRememberedInALabel) {
  HetznerWorld world;
  ASSERT_TRUE(world.apply(hetzner_spec(1)).ok());
  Driver& pins = *world.driver("hetzner.pin");
  const Context context = {.deadline = world.clock.now() + std::chrono::minutes(1)};
  const Object server = world.object("server/manager-1");
  const std::string first = server.attributes["host_key"];
  const std::string own = std::string(public_key).substr(0, std::string(public_key).rfind(' '));
  Resource pin{.id = {"pin", "manager-1"}, .driver = "hetzner.pin"};
  pin.inputs = {{"cluster", "demo"}, {"server", server.remote_id}, {"key", own}};

  EXPECT_EQ(pins.find(pin, "", context).value(), std::nullopt);
  EXPECT_TRUE(pins.list("demo", context).value().empty());
  const Object made = pins.create(pin, context).value();
  EXPECT_EQ(made.attributes["key"], own);
  world.clock.advance(std::chrono::seconds(10));
  const auto listed = pins.list("demo", context).value();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(to_text(listed[0].id), "pin/manager-1");
  EXPECT_EQ(listed[0].object, made);

  Driver& servers = *world.driver("hetzner.server");
  const auto seen = servers.list("demo", context).value();
  ASSERT_EQ(seen.size(), 1U) << "it is ours as before";
  EXPECT_EQ(seen[0].object.attributes["host_key"], own);
  EXPECT_EQ(seen[0].object.attributes["first_host_key"], first);

  ASSERT_TRUE(pins.destroy(pin, made, context).ok());
  EXPECT_EQ(servers.list("demo", context).value()[0].object.attributes["host_key"], first);
  const auto violations = world.judge().violations();
  EXPECT_TRUE(violations.empty()) << violations.front();
}

}  // namespace
}  // namespace skep::testing
