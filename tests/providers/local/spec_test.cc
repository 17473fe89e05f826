// How provider local reads a spec: what it refuses, and which resources come out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/local/check_local.h"
#include "providers/local/expand_local.h"

namespace skep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PoolSpec pool(const std::string& name, const std::vector<std::string>& nodes) {
  PoolSpec result{.name = name, .role = Role::manager, .provider = "local"};
  for (const auto& node : nodes) result.nodes.push_back({.name = node});
  return result;
}

Spec spec_of(const PoolSpec& pool) {
  Spec spec;
  spec.name = "demo";
  spec.provider = "local";
  spec.pools = {{pool.name, pool}};
  return spec;
}

std::vector<std::string> messages(const Spec& spec) {
  std::vector<std::string> result;
  for (const auto& problem : check_local(spec)) result.push_back(problem.message);
  return result;
}

TEST(CheckLocal, ThePlainSpecIsFine) {
  EXPECT_THAT(messages(spec_of(pool("node", {"node-1", "node-2"}))), IsEmpty());
  PoolSpec full = pool("node", {"node-1"});
  full.image = "debian-12";
  full.type = "2cpu-4gb";
  full.volumes["data"] = {.size_bytes = 1 << 20, .mount = "/srv"};
  Spec spec = spec_of(full);
  spec.network.range = "10.77.0.0/23";
  EXPECT_THAT(messages(spec), IsEmpty());
}

TEST(CheckLocal, WhatCannotBeHonouredIsRefusedAllAtOnce) {
  PoolSpec wrong = pool("node", {"node-1"});
  wrong.location = "fsn1";
  wrong.image = "ubuntu-24.04";
  wrong.type = "cx22";
  wrong.spread = true;
  Spec spec = spec_of(wrong);
  spec.network.range = "10.77.0.0/28";
  spec.ssh.user = "admin";
  spec.ssh.port = 2222;
  EXPECT_THAT(messages(spec), ElementsAre(HasSubstr("network.range"), HasSubstr("ssh.user"), HasSubstr("ssh.port"),
                                          HasSubstr("pools.node.location"), HasSubstr("no image 'ubuntu-24.04'"),
                                          HasSubstr("no type 'cx22'"), HasSubstr("pools.node.spread")));
  for (const auto& problem : check_local(spec)) EXPECT_NE(problem.hint, "") << problem.message;
}

TEST(CheckLocal, AddressesOfExistingMachinesBelongToTheOtherProvider) {
  PoolSpec named = pool("edge", {"sg-1"});
  named.named = true;
  named.nodes[0].address = "198.51.100.7";
  EXPECT_THAT(messages(spec_of(named)), ElementsAre(HasSubstr("pools.edge.nodes.sg-1")));
}

TEST(CheckLocal, VolumesOfOneFullNameAreRefused) {
  PoolSpec named = pool("db", {"a", "a-b"});
  named.volumes["b-c"] = {};
  named.volumes["c"] = {};
  EXPECT_THAT(messages(spec_of(named)), ElementsAre(HasSubstr("another volume is called a-b-c")));
}

TEST(CheckLocal, ARangeMustHoldAllMachines) {
  std::vector<std::string> nodes;
  for (int i = 1; i <= 30; ++i) nodes.push_back("node-" + std::to_string(i));
  Spec spec = spec_of(pool("node", nodes));
  spec.network.range = "10.77.0.0/26";
  EXPECT_THAT(messages(spec), ElementsAre(HasSubstr("room for 29 machines, not for 30")));
}

TEST(CheckLocal, OtherProvidersPoolsAreNoneOfItsBusiness) {
  PoolSpec other = pool("node", {"node-1"});
  other.provider = "existing";
  other.spread = true;
  EXPECT_THAT(messages(spec_of(other)), IsEmpty());
}

TEST(ExpandLocal, NodesVolumesAndAddressesBecomeResources) {
  PoolSpec full = pool("node", {"node-1", "node-10", "node-2"});
  full.volumes["data"] = {.size_bytes = 1 << 20, .mount = "/srv", .protect = false};
  Spec spec = spec_of(full);
  spec.floating_ips["ingress"] = {.pool = "node"};
  const auto expanded = expand_local(spec, {.authorized_keys = {"ssh-ed25519 AAAA"}});
  ASSERT_TRUE(expanded.ok());
  std::vector<std::string> ids;
  for (const auto& resource : expanded.value().resources) ids.push_back(to_text(resource.id));
  EXPECT_THAT(ids, ElementsAre("network/main", "volume/node-1-data", "server/node-1", "volume/node-10-data",
                               "server/node-10", "volume/node-2-data", "server/node-2", "floating_ip/ingress"));
  const Resource& volume = expanded.value().resources[1];
  EXPECT_EQ(volume.node, "");  // it outlives the generations of its node
  EXPECT_FALSE(volume.protect);
  const Resource& server = expanded.value().resources[2];
  EXPECT_EQ(server.node, "node-1");
  EXPECT_EQ(dump_json(server.inputs["volumes"]), R"([{"$ref":"volume/node-1-data","field":"remote_id"}])");
  EXPECT_EQ(dump_json(server.inputs["authorized_keys"]), R"(["ssh-ed25519 AAAA"])");
  EXPECT_EQ(dump_json(expanded.value().resources.back().inputs["server"]),
            R"({"$one_of":["server/node-1","server/node-2","server/node-10"],"field":"remote_id"})");
  const Machine& machine = expanded.value().machines.at("node-1");
  EXPECT_TRUE(machine.ours);
  EXPECT_EQ(to_text(machine.volumes.at("data")), "volume/node-1-data");
  EXPECT_EQ(machine.labels.at("region"), "local");
}

TEST(CheckLocal, WhatOnlyCloudsHaveIsRefused) {
  Spec spec = spec_of(pool("node", {"node-1"}));
  spec.firewall.inbound = {{.port = "443"}};
  spec.load_balancers["web"] = {.pool = "node", .listen = {{.port = 443}}};
  spec.load_balancers["other"] = {.pool = "elsewhere", .listen = {{.port = 443}}};
  spec.floating_ips["ingress"] = {.pool = "node"};
  spec.dns_records["shop"] = {.name = "shop.example.com", .zone = "example.com", .floating_ip = "ingress"};
  spec.dns_records["cloud"] = {.name = "a.example.com", .zone = "example.com", .load_balancer = "other"};
  spec.pools["node"].other_types = {"2cpu-1gb"};
  spec.pools["node"].backups = true;
  EXPECT_THAT(messages(spec), ElementsAre("firewall: provider local has no firewall",
                                          "load_balancers.web.pool: provider local has no load balancers, and pool "
                                          "node is its",
                                          "dns_records.shop: provider local makes no DNS records",
                                          "pools.node.backups: provider local makes no backups",
                                          "pools.node.type: provider local tries nothing in turn"));
}

}  // namespace
}  // namespace skep
