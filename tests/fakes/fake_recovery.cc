// Fake managers without a quorum: what is left of them, and what makes one of them go on alone.
#include <fmt/format.h>

#include "planner/base/text.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/script_answers.h"

namespace skep::test {

Exit FakeWorld::raft_look(FakeHost& host, const Script&) {
  const auto swarm = swarms_.find(host.cluster);
  if (swarm == swarms_.end() || !swarm->second.nodes.contains(host.node_id)) return done("end .\n");
  if (!swarm->second.nodes.at(host.node_id).voter) return done("end .\n");
  std::string out = fmt::format("written {}\n", host.raft_written);
  if (host.raft_snapshot > 0) out += fmt::format("snapshot 3 {}\n", host.raft_snapshot);
  return done(out + fmt::format("now {}\nend .\n", host.raft_written + 60));
}

Exit FakeWorld::swarm_recover(FakeHost& host, const Script& script) {
  if (!host.engine || !host.engine->runs || host.node_id != argument(script, "node"))
    return failed(75, "the engine does not answer, or is no longer the node");
  auto& swarm = swarms_.at(host.cluster);
  // Two halves of one swarm that both go on are what fencing is for.
  for (const auto& [name, other] : hosts_) {
    const bool is_member = &other != &host && other.cluster == host.cluster && swarm.nodes.contains(other.node_id);
    const bool may_act = is_member && swarm.nodes.at(other.node_id).voter && other.power && other.engine->runs;
    if (may_act) return failed(70, fmt::format("{} was not fenced", name));
  }
  for (auto& [id, node] : swarm.nodes) node.voter = id == host.node_id;
  swarm.leader = host.node_id;
  swarm.nodes.at(host.node_id).seen = Instant::max();
  settle(swarm);
  return done();
}

Exit FakeWorld::swarm_fence(FakeHost& host, const Script&) {
  host.engine->runs = false;
  const auto swarm = swarms_.find(host.cluster);
  if (swarm == swarms_.end()) return done();
  swarm->second.nodes[host.node_id].seen = clock_.now();
  settle(swarm->second);
  return done();
}

Exit FakeWorld::swarm_forget(FakeHost& host, const Script&) {
  host.engine->runs = true;
  const auto swarm = swarms_.find(host.cluster);
  if (swarm != swarms_.end() && swarm->second.nodes.contains(host.node_id)) {
    swarm->second.nodes.at(host.node_id).seen = clock_.now();
    settle(swarm->second);
  }
  leave_swarm(host);
  return done();
}

}  // namespace skep::test
