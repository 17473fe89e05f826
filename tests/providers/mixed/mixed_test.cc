// A cluster at two clouds at once: each opens its firewall to the members at the other, by their addresses.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>

#include "planner/model/load_spec.h"
#include "providers/cloud/member_rules.h"
#include "providers/digitalocean/digitalocean.h"
#include "providers/hetzner/hetzner.h"
#include "provisioners/expand_hosts.h"
#include "tests/fakes/apply_kit.h"
#include "tests/fakes/digitalocean_http.h"
#include "tests/fakes/hetzner_http.h"
#include "tests/providers/digitalocean/simulator_kit.h"
#include "tests/providers/hetzner/simulator_kit.h"

namespace skep::testing {
namespace {

/// Requests find their cloud by the host in their address.
class TwoClouds final : public Http {
 public:
  TwoClouds(Http& hetzner, Http& digitalocean) : hetzner_(hetzner), digitalocean_(digitalocean) {}
  Result<Response> send(const Request& request, const Context& context) override {
    before(request);
    return (request.url.starts_with("http://hetzner/") ? hetzner_ : digitalocean_).send(request, context);
  }

  std::function<void(const Request&)> before = [](const Request&) {};

 private:
  Http& hetzner_;
  Http& digitalocean_;
};

class MixedWorld final : public ApplyWorld {
 public:
  MixedWorld() { restart(); }
  ~MixedWorld() override {
    for (const auto* judge : {&hetzner_judge_, &digitalocean_judge_}) {
      for (const auto& line : judge->violations()) ADD_FAILURE() << line;
    }
  }

  void restart() {
    begin_run(make_hetzner_provider({http_, clock, random_, Secret(std::string(64, 'k')), "http://hetzner/v1"}),
              make_digitalocean_provider(
                  {http_, clock, random_, Secret(DropletSimulator::token('a')), "http://digitalocean"}));
  }

  std::string what_exists() const {
    return names_in(hetzner, {"networks", "firewalls", "servers", "floating_ips", "load_balancers"}) +
           names_in(digitalocean, {"firewalls", "droplets", "load_balancers"});
  }

  /// The members that a firewall lets in, as the cloud has it.
  std::vector<std::string> members_of(const std::string& provider) {
    const Json members = object("firewall/" + provider + "-members").attributes["members"];
    return {members.begin(), members.end()};
  }
  std::vector<std::string> addresses_of(const Spec& spec) {
    std::vector<std::string> addresses;
    for (const auto& [name, pool] : spec.pools) {
      for (const auto& node : pool.nodes) addresses.push_back(object("server/" + node.name).attributes["address"]);
    }
    std::ranges::sort(addresses);
    return addresses;
  }

  /// Whether both firewalls let in this address now.
  bool is_let_in_everywhere(const std::string& address) const {
    const auto knows = [&](const std::vector<Json>& firewalls) {
      return std::ranges::any_of(firewalls, [&](const Json& one) {
        return one["name"].get<std::string>().ends_with("-members") &&
               one.dump().find("\"" + address + "/32\"") != std::string::npos;
      });
    };
    return knows(hetzner.all("firewalls")) && knows(digitalocean.all("firewalls"));
  }
  void watch(std::function<void(const Request&)> seen) { http_.before = std::move(seen); }

  HetznerCloud hetzner{HetznerOptions{}};
  DigitalOceanCloud digitalocean{DigitalOceanOptions{}};

 private:
  HetznerHttp hetzner_http_{hetzner, clock};
  JudgedHttp hetzner_judge_{hetzner_http_, hetzner_document()};
  DigitalOceanHttp digitalocean_http_{digitalocean, clock};
  JudgedHttp digitalocean_judge_{digitalocean_http_, digitalocean_document()};
  TwoClouds http_{hetzner_judge_, digitalocean_judge_};
  SameBytes random_{0x42};
};

/// Managers at Hetzner, workers at DigitalOcean.
Spec mixed_spec(int managers, int workers) {
  Spec spec{.name = "demo", .provider = "hetzner", .location = "fsn1"};
  spec.pools["manager"] = pool_of(spec, "manager", Role::manager, managers);
  spec.pools["manager"].type = "cx23";
  PoolSpec worker = pool_of(spec, "worker", Role::worker, workers);
  worker.provider = "digitalocean";
  worker.location = "fra1";
  worker.type = "s-2vcpu-4gb";
  spec.pools["worker"] = worker;
  return spec;
}

void expect_ok(const Result<Summary>& result) {
  ASSERT_TRUE(result.ok()) << result.error().message << "\n" << result.error().hint;
}

TEST(Mixed, EachFirewallKnowsAllMembersAndASecondPlanIsEmpty) {
  const Spec spec = mixed_spec(3, 2);
  MixedWorld world;
  expect_ok(world.apply(spec));
  EXPECT_EQ(world.what_exists(), R"(networks: demo-hetzner
firewalls: demo-hetzner demo-hetzner-members
servers: demo-manager-1 demo-manager-2 demo-manager-3
firewalls: demo-digitalocean demo-digitalocean-members
droplets: demo-worker-1 demo-worker-2
)");
  EXPECT_EQ(world.members_of("hetzner"), world.addresses_of(spec));
  EXPECT_EQ(world.members_of("digitalocean"), world.addresses_of(spec));
  EXPECT_EQ(world.plan_text(spec), "");
  world.restart();
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(Mixed, ANodeAtOneCloudIsKnownAtTheOther) {
  MixedWorld world;
  expect_ok(world.apply(mixed_spec(1, 1)));
  for (const auto& spec : {mixed_spec(1, 3), mixed_spec(1, 1), mixed_spec(3, 1)}) {
    world.restart();
    expect_ok(world.apply(spec));
    EXPECT_EQ(world.members_of("hetzner"), world.addresses_of(spec));
    EXPECT_EQ(world.members_of("digitalocean"), world.addresses_of(spec));
    EXPECT_EQ(world.plan_text(spec), "");
  }
}

TEST(Mixed, WhatGoesIsLetInUntilItIsGone) {
  struct Case {
    const char* name;
    std::function<void(Spec&)> change;
    const char* path;  // of the machine that goes
    const char* node;
  };
  const Case cases[] = {
      {"a worker less", [](Spec& spec) { spec.pools["worker"].nodes.pop_back(); }, "/droplets/", "worker-2"},
      {"a manager elsewhere", [](Spec& spec) { spec.pools["manager"].location = "nbg1"; }, "/servers/", "manager-1"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    MixedWorld world;
    Spec spec = mixed_spec(1, 2);
    expect_ok(world.apply(spec));
    const std::string address = world.object(std::string("server/") + one.node).attributes["address"];
    one.change(spec);
    int ends = 0;
    world.watch([&](const Request& request) {
      if (request.method != "DELETE" || request.url.find(one.path) == std::string::npos) return;
      ++ends;
      EXPECT_TRUE(world.is_let_in_everywhere(address));
    });
    const auto applied = world.apply(spec);
    expect_ok(applied);
    EXPECT_EQ(applied.value().updated, 2U) << "each firewall once, though in two steps";
    world.watch([](const Request&) {});
    EXPECT_GE(ends, 1);
    EXPECT_FALSE(world.is_let_in_everywhere(address));
    EXPECT_EQ(world.plan_text(spec), "");
  }
}

TEST(Mixed, WhatSomebodyClosedIsOpenedAgain) {
  const Spec spec = mixed_spec(1, 1);
  MixedWorld world;
  expect_ok(world.apply(spec));
  Driver* firewall = world.driver("hetzner.firewall");
  Resource emptied{.id = {"firewall", "hetzner-members"}, .driver = "hetzner.firewall"};
  emptied.inputs = {{"cluster", "demo"}, {"rules", Json::array()}};
  const Context context{.deadline = world.clock.now() + std::chrono::minutes(5)};
  ASSERT_TRUE(firewall->update(emptied, world.object("firewall/hetzner-members"), context).ok());
  world.restart();
  EXPECT_THAT(world.plan_text(spec), ::testing::StartsWith("update firewall/hetzner-members members: [] -> "));
  expect_ok(world.apply(spec));
  EXPECT_EQ(world.plan_text(spec), "");
}

TEST(Mixed, DestroyLeavesNothing) {
  Spec spec = mixed_spec(1, 1);
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443}}};
  spec.floating_ips["ingress"] = {.pool = "manager"};
  MixedWorld world;
  expect_ok(world.apply(spec));
  EXPECT_EQ(world.plan_text(spec), "");
  expect_ok(world.destroy(spec));
  EXPECT_EQ(world.what_exists(), "");
  EXPECT_TRUE(world.store.state().records.empty());
}

TEST(Mixed, NobodyJoinsBeforeBothFirewallsKnowIt) {
  const Spec spec = mixed_spec(1, 1);
  MixedWorld world;
  std::map<std::string, Machine> machines;
  for (Provider* provider : world.all_providers()) {
    const Expansion part = provider->expand(spec, {.authorized_keys = {public_key}}).value();
    machines.insert(part.machines.begin(), part.machines.end());
  }
  std::vector<std::string> waiting;
  const std::vector<Resource> hosts = expand_hosts(spec, machines).value();
  for (const auto& resource : hosts) {
    if (resource.id.kind != "swarm_node") continue;
    for (const auto& need : resource.needs) {
      if (need.kind == "firewall") waiting.push_back(resource.id.name + " " + need.name);
    }
    EXPECT_EQ(resource.inputs["host"]["private_address"],
              Json({{"$ref", "server/" + resource.id.name}, {"field", "address"}}));
  }
  EXPECT_THAT(waiting, ::testing::UnorderedElementsAre("manager-1 digitalocean-members", "manager-1 hetzner-members",
                                                       "worker-1 digitalocean-members", "worker-1 hetzner-members"));
}

Spec example(const std::string& folder, const std::vector<std::string>& files) {
  std::vector<Document> documents;
  for (const auto& file : files) {
    std::ifstream text(std::string(SKEP_SOURCE_DIR) + "/examples/" + folder + "/" + file);
    documents.push_back({file, std::string(std::istreambuf_iterator<char>(text), {})});
  }
  Checked checked = load_spec(documents, {});
  for (const auto& problem : checked.problems) ADD_FAILURE() << folder << ": " << problem.message;
  return checked.spec.value_or(Spec{});
}

/// No provider objects to it; it is applied, a second plan is empty, and a destroy leaves nothing.
void expect_whole_life(const Spec& spec, const std::string& servers) {
  MixedWorld world;
  for (Provider* provider : world.all_providers()) {
    for (const auto& problem : provider->check(spec)) ADD_FAILURE() << problem.message;
  }
  expect_ok(world.apply(spec));
  EXPECT_THAT(world.what_exists(), ::testing::HasSubstr(servers));
  world.restart();
  EXPECT_EQ(world.plan_text(spec), "");
  expect_ok(world.destroy(spec));
  EXPECT_EQ(world.what_exists(), "");
}

TEST(Examples, TwoCloudsLiveAndGo) {
  expect_whole_life(example("two-clouds", {"cluster.yaml"}), "droplets: shop-two-worker-1 shop-two-worker-2\n");
}

TEST(Examples, StagingLivesAtOneCloudAndProductionAtTheOther) {
  expect_whole_life(example("staging-and-production", {"base.yaml", "staging.yaml"}),
                    "servers: shop-staging-manager-1 shop-staging-worker-1\n");
  expect_whole_life(example("staging-and-production", {"base.yaml", "production.yaml"}),
                    "droplets: shop-production-manager-1");
}

TEST(MemberRules, PortsByProvider) {
  const Spec spec = mixed_spec(1, 1);
  const auto text = [&](const char* provider, bool has_esp) {
    std::string all;
    for (const auto& one : skep::cloud::member_ports(spec, provider, has_esp)) {
      all += one["protocol"].get<std::string>() + one["port"].get<std::string>() + " ";
    }
    return all;
  };
  EXPECT_EQ(text("hetzner", true), "esp tcp2377 udp4789 tcp7946 udp7946 ");
  EXPECT_EQ(text("digitalocean", false), "udp4789 tcp7946 udp7946 ");
}

TEST(MemberRules, RulesAndMembersAreTheSame) {
  Json members = Json::array();
  for (int i = 10; i < 99; ++i) members.push_back("192.0.2." + std::to_string(i));
  const Json ports = skep::cloud::member_ports(mixed_spec(1, 1), "hetzner", true);
  auto rules = skep::cloud::door_rules(members, ports, 50);
  EXPECT_EQ(rules.size(), 10U);
  EXPECT_EQ(skep::cloud::members_behind(rules), Json({{"members", members}, {"ports", ports}}));
  rules.front().from.pop_back();
  EXPECT_EQ(skep::cloud::members_behind(rules)["members"], Json::array()) << "one port is not open to all";
}

}  // namespace
}  // namespace skep::testing
