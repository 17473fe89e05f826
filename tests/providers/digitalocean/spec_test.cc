// What is wrong with a spec for DigitalOcean, offline; and what it becomes.
#include <gmock/gmock.h>

#include "planner/base/ssh_key.h"
#include "providers/digitalocean/check_digitalocean.h"
#include "providers/digitalocean/dialect.h"
#include "providers/digitalocean/expand_digitalocean.h"
#include "providers/digitalocean/firewall_rules.h"
#include "providers/digitalocean/tags.h"
#include "tests/providers/digitalocean/digitalocean_kit.h"

namespace skep::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string problems_in(const Spec& spec) {
  std::string text;
  for (const auto& problem : digitalocean::check_digitalocean(spec)) text += problem.message + "\n";
  return text;
}

TEST(DigitalOceanSpec, WhatCannotBeIsRefusedOffline) {
  struct Case {
    const char* name;
    std::function<void(Spec&)> change;
    std::string problems;
  };
  const std::vector<Case> cases = {
      {"nothing", [](Spec&) {}, ""},
      {"no location", [](Spec& spec) { spec.pools["manager"].location = ""; },
       "pools.manager.location: a pool at digitalocean needs a location\n"},
      {"several locations", [](Spec& spec) { spec.pools["manager"].other_locations = {"ams3"}; },
       "pools.manager.location: the private network at digitalocean is in one region, and so are all its droplets\n"},
      {"pools apart", [](Spec& spec) { spec.pools["worker"].location = "ams3"; },
       "pools.worker.location: pool manager is in fra1: the private network at digitalocean is in one region\n"},
      {"no type", [](Spec& spec) { spec.pools["manager"].type = ""; },
       "pools.manager.type: a pool at digitalocean needs a size\n"},
      {"machines elsewhere", [](Spec& spec) { spec.pools["edge"] = {.name = "edge", .provider = "existing"}; }, ""},
      {"machines here", [](Spec& spec) { spec.pools["edge"] = {.name = "edge", .provider = "local"}; },
       "pools.edge.provider: machines on this computer cannot be reached by those at digitalocean\n"},
      {"another port for SSH", [](Spec& spec) { spec.ssh.port = 2222; },
       "ssh.port: servers at digitalocean listen on port 22 at their first boot\n"},
      {"an address by hand", [](Spec& spec) { spec.pools["manager"].nodes[0].address = "192.0.2.1"; },
       "pools.manager: addresses, keys and users of servers at digitalocean are not written by hand\n"},
      {"a token in the clear", [](Spec& spec) { spec.endpoints["digitalocean"] = "http://proxy.example:8080"; },
       "endpoints.digitalocean: the token would travel in the clear to proxy.example\n"},
      {"a simulator here", [](Spec& spec) { spec.endpoints["digitalocean"] = "http://127.0.0.1:4020"; }, ""},
      {"too many rules",
       [](Spec& spec) {
         for (int port = 1000; port < 1060; ++port) spec.firewall.inbound.push_back({.port = std::to_string(port)});
       },
       "firewall: a firewall at digitalocean takes 50 rules, these make 67\n"},
      {"a range that is not private", [](Spec& spec) { spec.network.range = "8.8.0.0/16"; },
       "network.range: digitalocean needs a private IPv4 range from /16 to /28, not '8.8.0.0/16'\n"},
      {"a range that is too large", [](Spec& spec) { spec.network.range = "10.0.0.0/8"; },
       "network.range: digitalocean needs a private IPv4 range from /16 to /28, not '10.0.0.0/8'\n"},
      {"a range of the provider's own", [](Spec& spec) { spec.network.range = "10.244.16.0/20"; },
       "network.range: 10.244.16.0/20 overlaps 10.244.0.0/16, which digitalocean keeps to itself\n"},
      {"a volume that is too large", [](Spec& spec) { add_volume(spec.pools["manager"], 20'000); },
       "pools.manager.volumes.data.size: volumes at digitalocean have 1 to 16384 GB\n"},
      {"nothing to spread over", [](Spec& spec) { spec.pools["manager"].spread = true; },
       "pools.manager.spread: digitalocean says nothing of which droplets share a computer: nothing is spread\n"},
      {"a name that looks like a second generation",
       [](Spec& spec) { spec.load_balancers["web-g2"] = {.pool = "worker", .listen = {{.port = 443}}}; },
       "load_balancers.web-g2: at digitalocean its name may not end in -g and a number\n"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    Spec spec = digitalocean_spec(1, 1);
    one.change(spec);
    EXPECT_EQ(problems_in(spec), one.problems);
  }
}

TEST(DigitalOceanSpec, ATokenMustBeThereAndBeOne) {
  ManualClock clock;
  SameBytes random(1);
  ScriptedHttp http;
  for (const char* token : {"", "abc\n", "two words"}) {
    const auto provider = make_digitalocean_provider({http, clock, random, Secret(token), ""});
    const auto ready = provider->preflight(digitalocean_spec(1), {});
    ASSERT_FALSE(ready.ok());
    EXPECT_EQ(ready.error().code, ErrorCode::invalid_input);
    EXPECT_THAT(ready.error().hint, HasSubstr("set DIGITALOCEAN_TOKEN"));
  }
  EXPECT_TRUE(http.seen.empty());
}

TEST(DigitalOceanSpec, TheEndpointMayEndInV2OrNot) {
  for (const char* written : {"http://127.0.0.1:1", "http://127.0.0.1:1/", "http://127.0.0.1:1/v2"}) {
    EXPECT_EQ(digitalocean::whole_endpoint(written), "http://127.0.0.1:1/v2");
  }
  EXPECT_EQ(digitalocean::whole_endpoint(""), "https://api.digitalocean.com/v2");
}

TEST(DigitalOceanSpec, ImagesMayBeCalledAsElsewhere) {
  EXPECT_EQ(digitalocean::image_slug("debian-12"), "debian-12-x64");
  EXPECT_EQ(digitalocean::image_slug("ubuntu-24.04"), "ubuntu-24-04-x64");
  EXPECT_EQ(digitalocean::image_slug("debian-12-x64"), "debian-12-x64");
  EXPECT_EQ(digitalocean::image_slug("docker-20-04"), "docker-20-04");
  EXPECT_EQ(digitalocean::image_slug("6372321"), "6372321");
}

TEST(DigitalOceanSpec, ClustersOfOneAccountHaveRangesOfTheirOwn) {
  EXPECT_EQ(digitalocean::usual_range("demo"), digitalocean::usual_range("demo"));
  EXPECT_NE(digitalocean::usual_range("shop-staging"), digitalocean::usual_range("shop-production"));
}

TEST(DigitalOceanTags, SayWhoseAnObjectIs) {
  const ResourceId second{"server", "worker-3", 2};
  const std::string line = ed25519_key_pair({}, "").public_line;
  const std::string tag = digitalocean::server_tag("demo", second, "root", line);
  EXPECT_THAT(tag, HasSubstr("skep:demo:server:worker-3:2:root:"));
  EXPECT_LE(tag.size(), 255U);
  EXPECT_EQ(digitalocean::owner_in(tag, "server", "demo"), second);
  EXPECT_EQ(digitalocean::owner_in(tag, "server", "dem"), std::nullopt);
  EXPECT_EQ(digitalocean::owner_in(tag, "volume", "demo"), std::nullopt);
  EXPECT_EQ(digitalocean::owner_in("skep:demo:server:worker-3:0", "server", "demo"), std::nullopt);
  EXPECT_EQ(digitalocean::owner_in("skep:demo", "server", "demo"), std::nullopt);
  const Json droplet = {{"tags", {"web", "skep:demo", "skep:demo:pool:worker", tag}}};
  EXPECT_EQ(digitalocean::user_of(droplet), "root");
  EXPECT_THAT(line, HasSubstr(digitalocean::first_host_key_of(droplet)));
  EXPECT_EQ(digitalocean::own_host_key_of(droplet), "");
  EXPECT_THAT(digitalocean::own_tags_of(droplet), ElementsAre(tag));
}

TEST(DigitalOceanTags, WithoutTagsTheNameSaysIt) {
  using digitalocean::owner_by_name;
  EXPECT_EQ(owner_by_name("demo-web", "load_balancer", "demo"), (ResourceId{"load_balancer", "web"}));
  EXPECT_EQ(owner_by_name("demo-web-g3", "load_balancer", "demo"), (ResourceId{"load_balancer", "web", 3}));
  EXPECT_EQ(owner_by_name("demo-web-gate", "load_balancer", "demo"), (ResourceId{"load_balancer", "web-gate"}));
  EXPECT_EQ(owner_by_name("demo2-web", "load_balancer", "demo"), std::nullopt);
  EXPECT_EQ(owner_by_name("demo", "load_balancer", "demo"), std::nullopt);
}

TEST(DigitalOceanRules, WhatIsWantedComesBackAsItWasSent) {
  Spec spec = digitalocean_spec(1, 1);
  spec.firewall.inbound = {{.port = "8000-8010", .protocol = "udp", .from = {"2001:0db8::/32"}}, {.port = "22"}};
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443, .to = 8443}}};
  const Json wanted = digitalocean::wanted_rules(spec, "10.10.0.0/20");
  EXPECT_EQ(digitalocean::canonical_rules(digitalocean::to_api(wanted, "sources"), "sources"), wanted);
  EXPECT_EQ(wanted, Json::parse(R"([
    {"addresses": ["0.0.0.0/0", "::/0"], "ports": "0", "protocol": "icmp", "tags": ["skep:demo"]},
    {"addresses": ["0.0.0.0/0", "::/0"], "ports": "22", "protocol": "tcp"},
    {"addresses": ["10.10.0.0/20"], "ports": "8443", "protocol": "tcp"},
    {"addresses": ["2001:db8::/32"], "ports": "8000-8010", "protocol": "udp"},
    {"ports": "0", "protocol": "tcp", "tags": ["skep:demo"]},
    {"ports": "0", "protocol": "udp", "tags": ["skep:demo"]}
  ])"));
  const Json reported = Json::parse(R"([{"protocol": "tcp", "ports": "all", "sources":
    {"addresses": ["::/0"], "load_balancer_uids": ["4de7ac8b"], "tags": []}}])");
  EXPECT_EQ(digitalocean::canonical_rules(reported, "sources"), Json::parse(R"([{"protocol": "tcp", "ports": "0",
    "addresses": ["::/0"], "load_balancer_uids": ["4de7ac8b"]}])"))
      << "what somebody added by hand is a difference";
}

}  // namespace
}  // namespace skep::testing
