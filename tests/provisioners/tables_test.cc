// The pure rules of the host kinds as tables: quorum, versions, draining, members.
#include <gtest/gtest.h>

#include "provisioners/drain.h"
#include "provisioners/engine_version.h"
#include "provisioners/member.h"
#include "provisioners/quorum.h"

namespace skep {
namespace {

// `members` voters, the first leads, the last `dead` of them unreachable; "n1", "n2", ...; and a ready worker "w".
std::vector<SwarmNode> swarm_of(int members, int dead) {
  std::vector<SwarmNode> nodes;
  for (int i = 1; i <= members; ++i) {
    SwarmNode node;
    node.id = "n" + std::to_string(i);
    node.hostname = node.id;
    node.role = "manager";
    node.state = i > members - dead ? "down" : "ready";
    node.reachability = i > members - dead ? "unreachable" : "reachable";
    node.is_leader = i == 1 && members - dead >= quorum_of(members);
    nodes.push_back(node);
  }
  nodes.push_back({.id = "w", .hostname = "w", .role = "worker", .state = "ready"});
  return nodes;
}

TEST(Quorum, WhatMayBeDoneToASwarmOfThisShape) {
  struct Row {
    int members, dead;
    bool promote, demote_healthy, demote_leader, demote_dead, restart_healthy;
  };
  const Row rows[] = {
      {1, 0, true, false, false, false, true},  {2, 0, true, true, false, false, true},
      {2, 1, false, false, false, false, true}, {3, 0, true, true, true, false, true},
      {3, 1, false, false, false, true, false}, {4, 0, true, true, true, false, true},
      {4, 1, false, false, false, true, false}, {5, 0, true, true, true, false, true},
      {5, 1, false, false, false, true, true},  {5, 2, false, false, false, true, false},
      {7, 3, false, false, false, true, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::to_string(row.members) + " members, " + std::to_string(row.dead) + " dead");
    const auto nodes = swarm_of(row.members, row.dead);
    const auto healthy = row.members - row.dead == 1 ? "n1" : "n2";
    const auto dead = "n" + std::to_string(row.members);
    EXPECT_EQ(may_promote(nodes, "w").ok(), row.promote);
    EXPECT_EQ(may_demote(nodes, healthy).ok(), row.demote_healthy);
    EXPECT_EQ(may_demote(nodes, "n1").ok(), row.demote_leader);
    if (row.dead > 0) {
      EXPECT_EQ(may_demote(nodes, dead).ok(), row.demote_dead);
    }
    EXPECT_EQ(may_restart(nodes, healthy).ok(), row.restart_healthy);
  }
}

TEST(Quorum, ReasonsAndCodes) {
  EXPECT_EQ(may_demote(swarm_of(1, 0), "n1").error().code, ErrorCode::refused);
  EXPECT_EQ(may_demote(swarm_of(2, 0), "n1").error().message, "n1 leads a swarm of two managers");
  EXPECT_TRUE(must_hand_over(swarm_of(2, 0), "n1"));
  EXPECT_FALSE(must_hand_over(swarm_of(2, 0), "n2"));
  EXPECT_EQ(may_promote(swarm_of(3, 1), "w").error().message,
            "a manager is added only when all 3 are reachable; n3 is not");
  EXPECT_EQ(may_promote(swarm_of(3, 2), "w").error().message, "the swarm has no leader at the moment");
  EXPECT_EQ(may_promote(swarm_of(1, 0), "x").error().code, ErrorCode::not_found);
  EXPECT_TRUE(may_promote(swarm_of(3, 1), "n1").ok()) << "it is one already";
  EXPECT_TRUE(may_demote(swarm_of(3, 1), "w").ok()) << "it is none";
}

TEST(EngineVersion, PackagesSpellItInManyWays) {
  const std::pair<const char*, const char*> rows[] = {
      {"5:28.5.2-1~debian.12~bookworm", "28.5.2"},
      {"5:29.0.0~rc.1-1~debian.12~bookworm", "29.0.0~rc.1"},
      {"20.10.24+dfsg1-1+deb12u1+b6", "20.10.24"},
      {"20.10.24+dfsg1", "20.10.24"},
      {"26.1.5+dfsg1-9", "26.1.5"},
      {"24.0.7-0ubuntu2", "24.0.7"},
      {"28.5.2", "28.5.2"},
      {"", ""},
  };
  for (const auto& [package, version] : rows) EXPECT_EQ(upstream_version(package), version) << package;
}

TEST(EngineVersion, ASeriesFitsItsVersionsOnly) {
  EXPECT_TRUE(version_fits("", "28.5.2"));
  EXPECT_TRUE(version_fits("28", "28.5.2"));
  EXPECT_TRUE(version_fits("28.5", "28.5.2"));
  EXPECT_TRUE(version_fits("28.5.2", "28.5.2"));
  EXPECT_TRUE(version_fits("29.0.0", "29.0.0~rc.1"));
  EXPECT_FALSE(version_fits("28.5", "28.50.0"));
  EXPECT_FALSE(version_fits("28.5.2", "28.5"));
  EXPECT_FALSE(version_fits("8.5", "28.5.2"));
}

TEST(EngineVersion, NumbersCompareAsNumbersAndReleasesCandidatesComeBefore) {
  EXPECT_LT(compare_versions("9.0.0", "10.0.0"), 0);
  EXPECT_GT(compare_versions("28.5.10", "28.5.9"), 0);
  EXPECT_EQ(compare_versions("28.5.2", "28.5.2"), 0);
  EXPECT_LT(compare_versions("29.0.0~rc.1", "29.0.0"), 0);
  EXPECT_GT(compare_versions("29.0.0~rc.1", "28.9.9"), 0);
}

TEST(EngineVersion, TheNewestThatFitsIsChosenExactly) {
  const auto available = package_versions(
      "docker-ce 5:29.0.0~rc.1-1~debian.12~bookworm\ndocker-ce 5:28.5.9-1~debian.12~bookworm\n"
      "docker-ce 5:28.5.10-1~debian.12~bookworm\ndocker-ce 5:27.5.1-1~debian.12~bookworm\n"
      "containerd.io 1.7.9-1\ncontainerd.io 1.7.28-1\nnonsense\n");
  const auto choice = choose_packages("docker", "28.5", available);
  ASSERT_TRUE(choice.ok());
  EXPECT_EQ(choice.value().packages,
            "docker-ce=5:28.5.10-1~debian.12~bookworm docker-ce-cli=5:28.5.10-1~debian.12~bookworm "
            "containerd.io=1.7.28-1");
  EXPECT_EQ(choice.value().hold, "docker-ce docker-ce-cli containerd.io");
  EXPECT_EQ(choose_packages("docker", "", available).value().version, "28.5.10") << "no pre-release by itself";
  EXPECT_EQ(choose_packages("docker", "29.0.0~rc.1", available).value().version, "29.0.0~rc.1");
  EXPECT_EQ(choose_packages("docker", "30", available).error().hint, "it offers 29.0.0~rc.1, 28.5.10, 28.5.9, 27.5.1");
  EXPECT_EQ(choose_packages("docker", "", {}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(choose_packages("distro", "", {}).value().packages, "docker.io iptables");
  EXPECT_EQ(choose_packages("distro", "", {}).value().hold, "");
}

TEST(Drain, TasksThatAreLeftAndServicesThatMissTheirPlace) {
  const auto service = [](const char* id, const char* name, const char* mode, int running, int wanted) {
    return Json({{"ID", id},
                 {"Spec", {{"Name", name}, {"Mode", {{mode, Json::object()}}}}},
                 {"ServiceStatus", {{"RunningTasks", running}, {"DesiredTasks", wanted}}}});
  };
  const Json services = Json::array({service("a", "web", "Replicated", 2, 3), service("b", "db", "Replicated", 1, 1),
                                     service("c", "agent", "Global", 3, 3)});
  const Json tasks = Json::parse(R"([
    {"ServiceID": "a", "DesiredState": "running", "Status": {"State": "running"}},
    {"ServiceID": "b", "DesiredState": "shutdown", "Status": {"State": "running"}},
    {"ServiceID": "b", "DesiredState": "shutdown", "Status": {"State": "shutdown"}},
    {"ServiceID": "c", "DesiredState": "shutdown", "Status": {"State": "failed"}}])");
  const auto before = services_of(services);
  const auto load = load_of(tasks, before);
  EXPECT_EQ(load.tasks, (std::vector<std::string>{"db (running)", "web (running)"}));
  EXPECT_EQ(load.services, (std::vector<std::string>{"a"}));

  auto now = before;
  now[0].running = 1;
  EXPECT_EQ(displaced(before, now), (std::vector<std::string>{"web (1 of 3)"}));
  now[0].running = 2;
  EXPECT_EQ(displaced(before, now), std::vector<std::string>{}) << "it was short of one before, too";
  now[1].running = 0;
  now[2].running = 2;
  EXPECT_EQ(displaced(before, now), (std::vector<std::string>{"db (0 of 1)"})) << "a global service is not moved";
  now.erase(now.begin() + 1);
  EXPECT_EQ(displaced(before, now), std::vector<std::string>{}) << "a service that is gone is nobody's loss";
}

TEST(Members, AreReadFromMachinesAndFromEachOther) {
  const Member member = {.node = "worker-1",
                         .generation = 2,
                         .role = "worker",
                         .machine_id = "m",
                         .private_address = "10.0.0.1",
                         .endpoint = {"192.0.2.1", 2222, "admin", "ssh-ed25519 AAAA"}};
  EXPECT_EQ(member_of(to_json(member)).value(), member);
  EXPECT_EQ(member.label(), "worker-1@2");
  EXPECT_EQ(endpoint_of(to_json(member)).value(), member.endpoint);
  EXPECT_EQ(endpoint_of(Json({{"address", ""}, {"host_key", "k"}})).error().code, ErrorCode::unavailable);
  EXPECT_EQ(endpoint_of(Json({{"host_key", "k"}})).error().code, ErrorCode::invalid_input);
  EXPECT_EQ(endpoint_of(Json({{"address", "a"}, {"host_key", "k"}, {"ssh_port", 70000}})).error().code,
            ErrorCode::invalid_input);
  auto other = to_json(member);
  other["node"] = "worker-10";
  auto older = to_json(member);
  older["generation"] = 1;
  const auto members = members_of(Json::array({other, nullptr, older, to_json(member), Json::object()}));
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0].label(), "worker-1@2");
  EXPECT_EQ(members[1].label(), "worker-1");
  EXPECT_EQ(members[2].node, "worker-10");
}

TEST(Members, HostsAreNamedByNodeAndGeneration) {
  EXPECT_EQ(host_name_of({"host", "worker-1"}), "worker-1");
  EXPECT_EQ(host_name_of({"host", "worker-1", 2}), "worker-1-g2");
  EXPECT_EQ(host_name_of({"host", "db_main"}), "db-main");
}

}  // namespace
}  // namespace skep
