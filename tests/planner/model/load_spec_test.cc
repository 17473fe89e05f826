// What a good spec means: values, defaults, variables, anchors, overlays, places, digests.
#include "planner/model/load_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

#include "spec_kit.h"

namespace skep {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

Spec loaded(const std::string& text) {
  const Checked checked = load(text);
  EXPECT_EQ(problem_lines(checked), "") << text;
  return checked.spec.value_or(Spec{});
}

Spec loaded(const std::string& base, const std::string& overlay) {
  const Checked checked = load(base, overlay);
  EXPECT_EQ(problem_lines(checked), "") << overlay;
  return checked.spec.value_or(Spec{});
}

std::vector<std::string> node_names(const PoolSpec& pool) {
  std::vector<std::string> names;
  for (const auto& node : pool.nodes) names.push_back(node.name);
  return names;
}

TEST(LoadSpec, TheSmallestSpecHasEveryDefault) {
  const Spec spec = loaded("skep: 1\nname: demo\nprovider: local\npools: {node: {role: manager, count: 3}}\n");
  EXPECT_EQ(spec.name, "demo");
  EXPECT_EQ(spec.ssh.user, "root");
  EXPECT_EQ(spec.ssh.port, 22);
  EXPECT_EQ(spec.ssh.key, "");
  EXPECT_EQ(spec.engine.source, EngineSpec::Source::docker);
  EXPECT_EQ(spec.engine.daemon, Json::object());
  EXPECT_EQ(spec.swarm.address_pool_mask, 24);
  EXPECT_EQ(spec.swarm.data_path_port, 4789);
  EXPECT_EQ(spec.rollout.max_surge, (CountOrPercent{1, false}));
  EXPECT_EQ(spec.rollout.drain_timeout, 10min);
  ASSERT_TRUE(spec.pools.contains("node"));
  const PoolSpec& pool = spec.pools.at("node");
  EXPECT_EQ(pool.name, "node");
  EXPECT_EQ(pool.role, Role::manager);
  EXPECT_EQ(pool.provider, "local");
  EXPECT_FALSE(pool.named);
  EXPECT_THAT(node_names(pool), ElementsAre("node-1", "node-2", "node-3"));
}

TEST(LoadSpec, EverySupportedKeyArrives) {
  const Spec spec = loaded(R"(
skep: 1
name: all
provider: local
location: here
ssh: {user: admin, port: 2222, key: ~/.ssh/other}
network: {range: 10.0.0.0/16}
engine:
  version: "28.5"
  source: docker
  repository: {url: https://mirror.example/debian, key_fingerprint: 9dc8 5822 9fc7 dd38 854a  e2d8 8d81 803c 0ebf cd88}
  daemon: {log-opts: {max-size: 10m, max-file: "3"}, debug: true, max-concurrent-downloads: 4, live-restore: false}
swarm: {address_pool: [172.30.0.0/15, 192.168.0.0/20], address_pool_mask: 25, data_path_port: 5000, autolock: false}
rollout: {max_unavailable: 25%, max_surge: 0, drain_timeout: 1h30m, settle: 0s}
pools:
  manager: {role: manager, count: 3, type: 2cpu-1gb, image: debian-12, spread: true, protect: true, backups: true}
  db:
    nodes: [db-b, db-a]
    location: there
    labels: {tier: db, ssd: true, n: 3, empty: ""}
    volumes: {data: {size: 100GB, mount: /srv/data/, filesystem: ext4, protect: false}}
  edge:
    provider: existing
    nodes:
      sg-1:
        address: 198.51.100.7
        private_address: 192.168.200.7
        host_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBL0PO8QpHFoj5SbdDfzkezjc0wQZhH4UZuonx5w/+iT"
        labels: {region: sea}
        user: debian
        port: 2200
floating_ips: {ingress: {pool: manager}}
load_balancers:
  web:
    pool: db
    listen: [{port: 443, to: 8443, protocol: https, certificate: c-1}]
    health_check: {path: /up, interval: 5s, timeout: 4s, retries: 2}
dns_records:
  shop: {name: shop.example.com, load_balancer: web, ttl: 1m}
  top: {name: a.b.example.com, zone: example.com, floating_ip: ingress}
stacks: {}
firewall: null
)");
  EXPECT_EQ(spec.ssh.key, "~/.ssh/other");
  EXPECT_EQ(spec.engine.version, "28.5");
  EXPECT_EQ(spec.engine.repository_url, "https://mirror.example/debian");
  EXPECT_EQ(spec.engine.repository_key, "9DC858229FC7DD38854AE2D88D81803C0EBFCD88");
  EXPECT_EQ(dump_json(spec.engine.daemon),
            R"({"debug":true,"live-restore":false,"log-opts":{"max-file":"3","max-size":"10m"},)"
            R"("max-concurrent-downloads":4})");
  EXPECT_THAT(spec.swarm.address_pools, ElementsAre("172.30.0.0/15", "192.168.0.0/20"));
  EXPECT_EQ(spec.swarm.data_path_port, 5000);
  EXPECT_EQ(spec.rollout.max_unavailable, (CountOrPercent{25, true}));
  EXPECT_EQ(spec.rollout.max_surge, (CountOrPercent{0, false}));
  EXPECT_EQ(spec.rollout.drain_timeout, 90min);
  EXPECT_EQ(spec.rollout.settle, 0s);

  const PoolSpec& db = spec.pools.at("db");
  EXPECT_TRUE(db.named);
  EXPECT_EQ(db.role, Role::worker);
  EXPECT_THAT(node_names(db), ElementsAre("db-b", "db-a"));  // as written
  EXPECT_EQ(db.location, "there");
  EXPECT_EQ(db.labels,
            (std::map<std::string, std::string>{{"tier", "db"}, {"ssd", "true"}, {"n", "3"}, {"empty", ""}}));
  EXPECT_EQ(db.volumes.at("data").size_bytes, 100'000'000'000U);
  EXPECT_EQ(db.volumes.at("data").mount, "/srv/data");
  EXPECT_FALSE(db.volumes.at("data").protect);
  EXPECT_EQ(spec.pools.at("manager").location, "here");
  EXPECT_TRUE(spec.pools.at("manager").spread);

  EXPECT_TRUE(spec.pools.at("manager").backups);
  EXPECT_FALSE(db.backups);

  const LoadBalancerSpec& web = spec.load_balancers.at("web");
  EXPECT_EQ(web.listen.at(0).certificate, "c-1");
  EXPECT_EQ(web.health_check.path, "/up");
  EXPECT_EQ(web.health_check.interval, 5s);
  EXPECT_EQ(web.health_check.timeout, 4s);
  EXPECT_EQ(web.health_check.retries, 2);
  EXPECT_EQ(spec.dns_records.at("shop").zone, "example.com");
  EXPECT_EQ(spec.dns_records.at("shop").load_balancer, "web");
  EXPECT_EQ(spec.dns_records.at("shop").ttl, 1min);
  EXPECT_EQ(spec.dns_records.at("top").zone, "example.com");
  EXPECT_EQ(spec.dns_records.at("top").floating_ip, "ingress");
  EXPECT_EQ(spec.dns_records.at("top").ttl, 5min);

  const PoolSpec& edge = spec.pools.at("edge");
  EXPECT_EQ(edge.location, "");  // "here" is a place of another provider
  const NodeSpec& node = edge.nodes.at(0);
  EXPECT_EQ(node.address, "198.51.100.7");
  EXPECT_EQ(node.private_address, "192.168.200.7");
  EXPECT_EQ(node.host_key, test_host_key);
  EXPECT_EQ(node.labels.at("region"), "sea");
  EXPECT_EQ(node.user, "debian");
  EXPECT_EQ(node.port, 2200);
  EXPECT_EQ(spec.floating_ips.at("ingress").pool, "manager");
  EXPECT_EQ(pools_of(spec, "local").size(), 2U);
  EXPECT_EQ(pools_of(spec, "existing").at(0)->name, "edge");
}

TEST(LoadSpec, VariablesAreTypedLikeTheScalarTheyStandIn) {
  const Spec spec = loaded(R"(
skep: 1
name: ${NAME}-${UNSET:-x}
provider: local
location: ${EMPTY}
pools:
  m:
    role: manager
    count: ${NUMBER}
    labels: {price: $$5, text: "${NUMBER}"}
)");
  EXPECT_EQ(spec.name, "from-env-x");
  EXPECT_EQ(spec.location, "");  // an empty plain scalar is null: not written
  EXPECT_EQ(spec.pools.at("m").nodes.size(), 3U);
  EXPECT_EQ(spec.pools.at("m").labels.at("price"), "$5");
  EXPECT_EQ(spec.pools.at("m").labels.at("text"), "3");
}

TEST(LoadSpec, KeysAreNotSubstitutedAndOwnKeysAreLeftAlone) {
  const Spec spec = loaded(three_managers("x-mine: [\"${NOT_SET_AT_ALL}\"]\n"));
  EXPECT_EQ(spec.pools.size(), 1U);
  const Spec daemon = loaded(three_managers("engine:\n  daemon:\n    features: {$NAME: $NAME}\n"));
  EXPECT_EQ(dump_json(daemon.engine.daemon), R"({"features":{"$NAME":"from-env"}})");
}

TEST(LoadSpec, AnchorsAliasesAndMergesWork) {
  const Spec spec = loaded(R"(
skep: 1
name: test
provider: local
x-big: &big {labels: {tier: web}, protect: true}
x-more: &more {protect: false, labels: {tier: other}, count: 9}
pools:
  m: &m {role: manager, count: 3}
  w: {<<: [*big, *more], count: 2}
  v:
    <<: *m
    role: worker
    labels: &labels {a: b}
  u: {count: 1, labels: *labels}
)");
  EXPECT_EQ(spec.pools.at("w").nodes.size(), 2U);          // its own wins
  EXPECT_EQ(spec.pools.at("w").labels.at("tier"), "web");  // the first merged wins
  EXPECT_TRUE(spec.pools.at("w").protect);
  EXPECT_EQ(spec.pools.at("v").nodes.size(), 3U);
  EXPECT_EQ(spec.pools.at("v").role, Role::worker);
  EXPECT_EQ(spec.pools.at("u").labels.at("a"), "b");
}

TEST(LoadSpec, OverlaysMergeMapsReplaceListsAndNullTakesAway) {
  const std::string base = R"(
skep: 1
name: base
provider: local
swarm: {address_pool: [172.30.0.0/16, 172.31.0.0/16]}
engine: {source: distro, daemon: {debug: true, log-opts: {max-size: 10m, max-file: "3"}}}
pools:
  m: {role: manager, count: 3, labels: {a: one, b: two}}
  w: {count: 2}
  x: {count: 1}
floating_ips: {ingress: {pool: w}}
)";
  const Spec spec = loaded(base, R"(
name: over
swarm: {address_pool: [192.168.0.0/16]}
engine: {daemon: {log-opts: {max-size: 20m, max-file: null}}}
pools:
  m: {count: 1, labels: {b: three, c: four}}
  x: null
  y: {count: 1}
floating_ips: null
)");
  EXPECT_EQ(spec.name, "over");
  EXPECT_EQ(spec.engine.source, EngineSpec::Source::distro);
  EXPECT_EQ(dump_json(spec.engine.daemon), R"({"debug":true,"log-opts":{"max-size":"20m"}})");
  EXPECT_THAT(spec.swarm.address_pools, ElementsAre("192.168.0.0/16"));
  EXPECT_EQ(spec.pools.at("m").nodes.size(), 1U);
  EXPECT_EQ(spec.pools.at("m").labels,
            (std::map<std::string, std::string>{{"a", "one"}, {"b", "three"}, {"c", "four"}}));
  EXPECT_FALSE(spec.pools.contains("x"));
  EXPECT_TRUE(spec.pools.contains("y"));
  EXPECT_TRUE(spec.floating_ips.empty());
}

TEST(LoadSpec, TheLaterOfCountAndNodesWins) {
  const Spec named = loaded(spec_with("{m: {role: manager, count: 3}}"), "pools: {m: {nodes: [a]}}\n");
  EXPECT_THAT(node_names(named.pools.at("m")), ElementsAre("a"));
  const Spec numbered = loaded(spec_with("{m: {role: manager, nodes: [a, b, c]}}"), "pools: {m: {count: 1}}\n");
  EXPECT_THAT(node_names(numbered.pools.at("m")), ElementsAre("m-1"));
}

TEST(LoadSpec, PlacesPointIntoTheFileTheKeyCameFrom) {
  const Spec spec = loaded("skep: 1\nname: test\nprovider: local\npools:\n  m:\n    role: manager\n    count: 3\n",
                           "pools:\n  m: {count: 1}\n  w: {nodes: [a-1]}\n");
  const auto place = [&spec](const std::string& path) {
    const auto found = spec.places.find(path);
    if (found == spec.places.end()) return std::string("nowhere");
    return found->second.file + ":" + std::to_string(found->second.line) + ":" + std::to_string(found->second.column);
  };
  EXPECT_EQ(place("pools.m.role"), "base.yaml:6:5");
  EXPECT_EQ(place("pools.m.count"), "over.yaml:2:7");
  EXPECT_EQ(place("pools.w.nodes.a-1"), "over.yaml:3:15");
  EXPECT_EQ(spec.places.at("pools.w").line_text, "  w: {nodes: [a-1]}");

  const Problem problem = problem_at(spec, "pools.m.type.of.it", "no such type", "take another");
  EXPECT_EQ(problem.message, "pools.m.type.of.it: no such type");
  EXPECT_EQ(problem.place.file, "base.yaml");
  EXPECT_EQ(problem.place.line, 5);  // the pool: the key itself was not written
  EXPECT_EQ(problem_at(spec, "pools.m", "pools.m: told once").message, "pools.m: told once");
  EXPECT_EQ(problem_at(spec, "network.range", "x").place.line, 0);
}

TEST(LoadSpec, EqualMeaningIsEqualDigest) {
  const std::string digest = loaded(three_managers("")).digest;
  EXPECT_EQ(digest.size(), 64U);
  EXPECT_EQ(loaded("# another order, a default written out\npools: {m: {count: 3, role: manager, spread: false}}\n"
                   "provider: local\nname: test\nskep: 1\nx-own: 1\nssh: {user: root, key: ~/.ssh/my_key}\n")
                .digest,
            digest);
  EXPECT_NE(loaded(spec_with("{m: {role: manager, count: 5}}")).digest, digest);
  EXPECT_NE(loaded(three_managers("engine: {source: distro}\n")).digest, digest);
  EXPECT_NE(loaded(spec_with("{m: {role: manager, count: 3, backups: true}}")).digest, digest);
  const std::string balancer = "load_balancers: {web: {pool: m, listen: [{port: 80}]";
  EXPECT_NE(loaded(three_managers(balancer + "}}\n")).digest,
            loaded(three_managers(balancer + ", health_check: {path: /up}}}\n")).digest);
  const std::string name = "floating_ips: {a: {pool: m}}\ndns_records: {n: {name: a.example.com, floating_ip: a";
  EXPECT_NE(loaded(three_managers(name + "}}\n")).digest, loaded(three_managers(name + ", ttl: 1h}}\n")).digest);
  EXPECT_NE(loaded(three_managers("engine: {daemon: {debug: true}}\n")).digest, digest);
}

// CPU time, with a wide margin: what is quadratic takes minutes.
TEST(LoadSpec, TenThousandNodesAreLinear) {
  std::string text =
      "skep: 1\nname: big\nprovider: existing\npools:\n  m: {role: manager, nodes: {m-1: {address: "
      "192.168.0.1, host_key: \"" +
      std::string(test_host_key) + "\"}}}\n  w:\n    nodes:\n";
  std::string listed = "skep: 1\nname: big\nprovider: local\npools: {m: {role: manager, count: 1}, w: {nodes: [";
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = "w-" + std::to_string(i);
    text += "      " + name + ": {address: 172.16." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) +
            ", host_key: \"" + test_host_key + "\", labels: {n: " + std::to_string(i) + "}}\n";
    listed += name + ", ";
  }
  listed += "]}}\n";
  const std::clock_t begun = std::clock();
  EXPECT_EQ(loaded(text).pools.at("w").nodes.size(), 10'000U);
  EXPECT_EQ(loaded(listed).pools.at("w").nodes.size(), 10'000U);
  EXPECT_LT(static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC, 10.0);
}

TEST(LoadSpec, WhatComesInFromOutsideAndWhatIsTriedInTurn) {
  const Spec spec = loaded(R"(
skep: 1
name: all
provider: hetzner
location: [fsn1, nbg1]
endpoints: {hetzner: "http://127.0.0.1:4020/v1"}
firewall:
  ssh: [203.0.113.0/24]
  inbound:
    - {port: 80}
    - {port: 8000-8010, protocol: udp, from: ["2001:db8::/32"]}
pools:
  manager: {role: manager, count: 1, type: [cx23, cx33]}
  other: {count: 1, location: hel1, provider: local}
load_balancers:
  web: {pool: manager, listen: [{port: 443}, {port: 80, to: 8080, protocol: http}]}
)");
  EXPECT_EQ(spec.endpoints.at("hetzner"), "http://127.0.0.1:4020/v1");
  EXPECT_THAT(spec.firewall.ssh, ElementsAre("203.0.113.0/24"));
  ASSERT_EQ(spec.firewall.inbound.size(), 2U);
  EXPECT_EQ(spec.firewall.inbound[0].port, "80");
  EXPECT_EQ(spec.firewall.inbound[0].protocol, "tcp");
  EXPECT_EQ(spec.firewall.inbound[1].port, "8000-8010");
  EXPECT_THAT(spec.firewall.inbound[1].from, ElementsAre("2001:db8::/32"));
  const PoolSpec& manager = spec.pools.at("manager");
  EXPECT_EQ(manager.type, "cx23");
  EXPECT_THAT(manager.other_types, ElementsAre("cx33"));
  EXPECT_EQ(manager.location, "fsn1");
  EXPECT_THAT(manager.other_locations, ElementsAre("nbg1"));
  EXPECT_EQ(spec.pools.at("other").location, "hel1");
  EXPECT_THAT(spec.pools.at("other").other_locations, ::testing::IsEmpty());
  const auto& listen = spec.load_balancers.at("web").listen;
  ASSERT_EQ(listen.size(), 2U);
  EXPECT_EQ(listen[0].to, 0);
  EXPECT_EQ(listen[1].to, 8080);
  EXPECT_EQ(listen[1].protocol, "http");
}

}  // namespace
}  // namespace skep
