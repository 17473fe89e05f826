// What a spec's nodes become on their hosts.
#include "provisioners/expand_hosts.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "planner/base/text.h"
#include "planner/model/refs.h"

namespace skep {
namespace {

struct Cluster {
  Spec spec;
  std::map<std::string, Machine> machines;
};

Cluster cluster_of(int managers, int workers) {
  Cluster cluster;
  cluster.spec.name = "demo";
  const auto add = [&](const std::string& name, Role role, int count) {
    auto& pool = cluster.spec.pools[name];
    pool.name = name;
    pool.role = role;
    pool.provider = "local";
    for (int i = 1; i <= count; ++i) {
      NodeSpec node;
      node.name = fmt::format("{}-{}", name, i);
      cluster.machines[node.name] = {.id = {"server", node.name}, .pool = name};
      pool.nodes.push_back(node);
    }
  };
  add("m", Role::manager, managers);
  add("w", Role::worker, workers);
  return cluster;
}

std::map<std::string, Resource> expanded(const Cluster& cluster) {
  std::map<std::string, Resource> by_id;
  auto all = expand_hosts(cluster.spec, cluster.machines);
  EXPECT_TRUE(all.ok()) << (all.ok() ? "" : all.error().message);
  for (auto& resource : all.value()) by_id[to_text(resource.id)] = resource;
  return by_id;
}

std::string ids(std::vector<ResourceId> all) {
  std::vector<std::string> texts;
  for (const auto& id : all) texts.push_back(to_text(id));
  return join(texts, " ");
}

TEST(ExpandHosts, TheResourcesAndWhatTheyWaitFor) {
  std::string text;
  for (const auto& [id, resource] : expanded(cluster_of(2, 1))) {
    auto needs = resource.needs;
    for (const auto& ref : referenced(resource.inputs)) {
      if (std::ranges::find(needs, ref) == needs.end()) needs.push_back(ref);
    }
    std::ranges::sort(needs);
    text += fmt::format("{} <- {}; goes with {}; pool \"{}\"\n", id, ids(needs), ids(resource.vanishes_with),
                        resource.pool);
  }
  EXPECT_EQ(text,
            R"(engine/m-1 <- host/m-1 server/m-1; goes with server/m-1; pool "rolling:m"
engine/m-2 <- host/m-2 server/m-2; goes with server/m-2; pool "rolling:m"
engine/w-1 <- host/w-1 server/w-1; goes with server/w-1; pool "rolling:w"
host/m-1 <- server/m-1; goes with server/m-1; pool ""
host/m-2 <- server/m-2; goes with server/m-2; pool ""
host/w-1 <- server/w-1; goes with server/w-1; pool ""
swarm/main <- engine/m-1 host/m-1 host/m-2; goes with server/m-1 server/m-2 server/w-1; pool ""
swarm_manager/m-1 <- server/m-1 swarm/main swarm_node/m-1; goes with swarm/main; pool "membership"
swarm_manager/m-2 <- server/m-2 swarm/main swarm_node/m-1 swarm_node/m-2; goes with swarm/main; pool "membership"
swarm_node/m-1 <- engine/m-1 server/m-1 swarm/main; goes with swarm/main; pool ""
swarm_node/m-2 <- engine/m-2 server/m-2 swarm/main; goes with swarm/main; pool ""
swarm_node/w-1 <- engine/w-1 server/w-1 swarm/main; goes with swarm/main; pool ""
)");
}

TEST(ExpandHosts, LabelsComeFromTheMachineThePoolAndTheNodeInThisOrder) {
  auto cluster = cluster_of(0, 1);
  cluster.machines["w-1"].labels = {{"region", "fsn1"}, {"zone", "a"}};
  auto& pool = cluster.spec.pools["w"];
  pool.labels = {{"tier", "web"}, {"zone", "b"}};
  pool.nodes[0].labels = {{"tier", "api"}};
  EXPECT_EQ(expanded(cluster).at("swarm_node/w-1").inputs.at("labels"),
            Json({{"region", "fsn1"}, {"zone", "b"}, {"provider", "local"}, {"pool", "w"}, {"tier", "api"}}));
}

TEST(ExpandHosts, TheFirstManagerByNaturalOrderBeginsTheSwarm) {
  auto cluster = cluster_of(11, 0);
  std::ranges::reverse(cluster.spec.pools["m"].nodes);
  EXPECT_EQ(expanded(cluster).at("swarm/main").inputs.at("init"), "m-1");
}

TEST(ExpandHosts, EveryMemberJoinsBehindTheDoorsOfAllMachines) {
  Cluster cluster = cluster_of(1, 2);
  cluster.machines["m-1"].doors = {{"firewall", "one"}};
  cluster.machines["w-1"].doors = {{"firewall", "two"}};
  const auto resources = expanded(cluster);
  for (const char* node : {"m-1", "w-1", "w-2"}) {
    const auto& needs = resources.at(std::string("swarm_node/") + node).needs;
    for (const ResourceId& door : {ResourceId{"firewall", "one"}, ResourceId{"firewall", "two"}}) {
      EXPECT_EQ(std::ranges::count(needs, door), 1) << node << " " << door.name;
    }
  }
  const auto& engine = resources.at("engine/w-1").needs;
  EXPECT_EQ(std::ranges::count(engine, ResourceId{"firewall", "two"}), 0) << "only who joins waits for them";
}

TEST(ExpandHosts, MachinesThatAreNotOursDoNotVanish) {
  auto cluster = cluster_of(1, 1);
  cluster.machines["w-1"].ours = false;
  const auto all = expanded(cluster);
  EXPECT_EQ(ids(all.at("host/w-1").vanishes_with), "");
  EXPECT_EQ(ids(all.at("host/m-1").vanishes_with), "server/m-1");
  EXPECT_EQ(ids(all.at("swarm/main").vanishes_with), "") << "one host would stay in it";
}

TEST(ExpandHosts, VolumesAreMountedBeforeTheEngine) {
  auto cluster = cluster_of(0, 1);
  cluster.spec.pools["w"].volumes["data"] = {.size_bytes = 1, .mount = "/srv/data", .filesystem = "xfs"};
  cluster.machines["w-1"].volumes["data"] = {"volume", "w-1-data"};
  const auto all = expanded(cluster);
  const auto& mount = all.at("mount/w-1-data");
  EXPECT_EQ(mount.inputs.at("device"), Json({{"$ref", "volume/w-1-data"}, {"field", "device"}}));
  EXPECT_EQ(mount.inputs.at("path"), "/srv/data");
  EXPECT_EQ(ids(all.at("engine/w-1").needs), "host/w-1 mount/w-1-data");
  cluster.machines["w-1"].volumes.clear();
  EXPECT_EQ(expand_hosts(cluster.spec, cluster.machines).error().code, ErrorCode::internal);
}

TEST(ExpandHosts, OverlaysKnowANetworkBelowThatIsNarrower) {
  auto cluster = cluster_of(0, 1);
  cluster.machines["w-1"].network_mtu = 1450;
  EXPECT_EQ(expanded(cluster).at("engine/w-1").inputs.at("daemon"),
            Json({{"default-network-opts", {{"overlay", {{"com.docker.network.driver.mtu", "1450"}}}}}}));
  cluster.spec.engine.source = EngineSpec::Source::distro;
  EXPECT_EQ(expanded(cluster).at("engine/w-1").inputs.at("daemon"), Json::object())
      << "the distribution's engine may be too old to know the key";
}

}  // namespace
}  // namespace skep
