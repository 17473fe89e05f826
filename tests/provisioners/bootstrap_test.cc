// Whether a swarm may be begun: every row of the table that decides it.
#include <gtest/gtest.h>

#include "provisioners/bootstrap.h"

namespace skep {
namespace {

struct HostShape {
  const char* name;
  const char* state = "inactive";  // of the engine; "silent": the host; "stopped": the engine is down
  const char* cluster = "";        // the cluster id it manages
  const char* marker = "";         // the cluster that brought it into a swarm
  bool stored = false;
  bool worker = false;
};

HostLook look_of(const HostShape& shape) {
  HostLook look;
  look.member.node = shape.name;
  look.member.role = shape.worker ? "worker" : "manager";
  const std::string state = shape.state;
  if (state == "silent") {
    look.why = "no answer";
    return look;
  }
  auto facts = std::make_shared<Facts>();
  facts->engine_answers = state != "stopped";
  facts->has_swarm_state = shape.stored;
  facts->swarm.state = facts->engine_answers ? state : "inactive";
  facts->swarm.cluster_id = shape.cluster;
  facts->swarm.control = !facts->swarm.cluster_id.empty();
  if (*shape.marker != '\0') facts->swarm_marker = {{"cluster", shape.marker}};
  look.facts = facts;
  return look;
}

std::string verdict_text(const std::vector<HostShape>& shapes, const std::string& recorded) {
  std::vector<HostLook> looks;
  for (const auto& shape : shapes) looks.push_back(look_of(shape));
  const auto verdict = judge_swarm(looks, recorded, "demo");
  switch (verdict.kind) {
    case SwarmVerdict::Kind::absent:
      return "begin";
    case SwarmVerdict::Kind::present:
      return verdict.cluster_id + " at " + verdict.manager->member.node;
    case SwarmVerdict::Kind::stop:
      return "stop: " + verdict.error.message;
  }
  return "?";
}

TEST(Bootstrap, Table) {
  struct Row {
    const char* name;
    std::vector<HostShape> hosts;
    const char* recorded;
    const char* verdict;
  };
  const Row rows[] = {
      {"A: nobody is in a swarm", {{"m1"}, {"m2"}, {"m3"}}, "", "begin"},
      {"A: engines are not even installed", {{"m1", "stopped"}, {"m2", "stopped"}}, "", "begin"},
      {"A: begun, and cut off before it was recorded", {{"m1", "active", "c1", "demo"}, {"m2"}}, "", "c1 at m1"},
      {"B: one manager answers", {{"m1"}, {"m2", "active", "c1", "demo"}}, "c1", "c1 at m2"},
      {"B: the first was made anew", {{"m1"}, {"m2", "active", "c1"}, {"m3", "active", "c1"}}, "c1", "c1 at m2"},
      {"C: locked after a reboot",
       {{"m1", "locked", "", "demo"}, {"m2", "locked", "", "demo"}},
       "c1",
       "stop: the swarm is locked (unlock it with: skep swarm unlock): m1 is locked; m2 is locked"},
      {"C: no quorum",
       {{"m1", "active", "", "demo"}, {"m2", "silent"}},
       "c1",
       "stop: no manager answers for the swarm c1: m1 is active; m2 cannot be reached (no answer)"},
      {"C: nobody can be reached",
       {{"m1", "silent"}},
       "c1",
       "stop: whether a swarm exists cannot be told: m1 cannot be reached (no answer)"},
      {"C: engine down on a member",
       {{"m1", "stopped", "", "demo", true}},
       "c1",
       "stop: no manager answers for the swarm c1: the engine of m1 does not answer, and it was in a swarm"},
      {"C: managers are gone, a worker still runs its tasks",
       {{"m1"}, {"w1", "active", "", "demo", true, true}},
       "c1",
       "stop: no manager answers for the swarm c1: m1 is inactive; w1 is active"},
      {"gone for good: every host says that it is in no swarm", {{"m1"}, {"m2"}}, "c1", "begin"},
      {"one silent host hides whether a swarm exists",
       {{"m1"}, {"m2", "silent"}},
       "",
       "stop: whether a swarm exists cannot be told: m1 is inactive; m2 cannot be reached (no answer)"},
      {"a silent worker hides nothing", {{"m1"}, {.name = "w1", .state = "silent", .worker = true}}, "", "begin"},
      {"D: two swarms",
       {{"m1", "active", "c1", "demo"}, {"m2", "active", "c2", "demo"}},
       "c1",
       "stop: the managers are in different swarms: m1 in c1; m2 in c2"},
      {"D: another swarm than the recorded one",
       {{"m1", "active", "c2", "demo"}},
       "c1",
       "stop: m1 manages the swarm c2, but this cluster's is c1"},
      {"E: a foreign swarm",
       {{"m1", "active", "c9"}, {"m2"}},
       "",
       "stop: m1 is in a swarm (cluster c9) that demo did not make"},
      {"E: of another cluster of ours",
       {{"m1", "active", "c9", "other"}},
       "",
       "stop: m1 is in a swarm (cluster c9) that demo did not make"},
      {"E: a foreign worker", {{"m1", "active"}}, "", "stop: m1 is in a swarm (active) that demo did not make"},
      {"no hosts at all", {}, "c1", "begin"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(verdict_text(row.hosts, row.recorded), row.verdict);
  }
}

TEST(Bootstrap, AnEngineThatIsStartingIsWaitedFor) {
  EXPECT_TRUE(judge_swarm({look_of({"m1", "pending", "", "demo"})}, "c1", "demo").may_pass);
  EXPECT_FALSE(judge_swarm({look_of({"m1", "active", "", "demo"})}, "c1", "demo").may_pass);
}

}  // namespace
}  // namespace skep
