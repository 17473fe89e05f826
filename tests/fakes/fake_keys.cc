// What fake managers lock with, rotate, and give away as a backup.
#include <fmt/format.h>

#include "planner/base/digest.h"
#include "planner/base/text.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/script_answers.h"

namespace skep::test {

void FakeWorld::restart(FakeHost& host) {
  host.engine->starts++;
  host.engine->read = host.daemon_json;
  const auto swarm = swarms_.find(host.cluster);
  if (swarm == swarms_.end() || !swarm->second.autolock) return;
  const auto node = swarm->second.nodes.find(host.node_id);
  if (node == swarm->second.nodes.end() || !node->second.voter) return;
  host.local_state = "locked";
  node->second.seen = clock_.now();
  settle(swarm->second);
}

void FakeWorld::power_on(const std::string& name) {
  auto& host = hosts_.at(name);
  host.power = true;
  const auto swarm = swarms_.find(host.cluster);
  if (swarm == swarms_.end()) return;
  swarm->second.nodes[host.node_id].seen = Instant::max();
  restart(host);
}

bool FakeWorld::is_rotating(const FakeSwarm& swarm) const {
  return swarm.ca_rotated != Instant{} && clock_.now() < swarm.ca_rotated;
}

Exit FakeWorld::swarm_autolock(FakeHost& host, const Script& script) {
  auto* swarm = managed_by(host);
  if (swarm == nullptr) return failed(75, "docker swarm update: the swarm does not have a leader");
  const bool locks = argument(script, "autolock") == "true";
  if (locks && !swarm->autolock) swarm->unlock_key = new_id("SWMKEY-1-");
  if (!locks) swarm->unlock_key.clear();
  swarm->autolock = locks;
  return done();
}

Exit FakeWorld::swarm_unlock(FakeHost& host, const Script& script) {
  if (host.local_state == "active") return done();
  if (host.local_state != "locked") return failed(77, "there is nothing to unlock: this host is in no swarm");
  auto& swarm = swarms_.at(host.cluster);
  if (trim(script.input.reveal()) != swarm.unlock_key) return failed(65, "this is not the key of this manager");
  host.local_state = "active";
  swarm.nodes.at(host.node_id).seen = Instant::max();
  settle(swarm);
  return done();
}

Exit FakeWorld::swarm_unlock_key(FakeHost& host, const Script&) {
  auto* swarm = managed_by(host);
  if (swarm == nullptr) return failed(75, "no unlock key: the swarm does not have a leader");
  return done(swarm->unlock_key.empty() ? "" : swarm->unlock_key + "\n");
}

Exit FakeWorld::swarm_rotate(FakeHost& host, const Script& script) {
  auto* swarm = managed_by(host);
  if (swarm == nullptr) return failed(75, "the swarm does not have a leader");
  const auto what = argument(script, "what");
  if (what == "worker-token") {
    swarm->token = new_id("SWMTKN-");
  } else if (what == "manager-token") {
    swarm->manager_token = new_id("SWMTKN-");
  } else if (what == "unlock-key") {
    if (!swarm->autolock) return failed(77, "its managers do not lock: there is no unlock key");
    swarm->unlock_key = new_id("SWMKEY-1-");
  } else if (what == "ca") {
    if (is_rotating(*swarm)) return failed(75, "a rotation is under way, and another one was begun");
    swarm->ca_rotated = clock_.now() + std::chrono::seconds(20);
  } else {
    return failed(65, "no such thing to rotate");
  }
  return done();
}

Exit FakeWorld::swarm_backup(FakeHost& host, const Script& script) {
  if (host.local_state != "active" || host.node_id != argument(script, "node"))
    return failed(75, "the engine does not answer, or is no longer the node");
  auto* swarm = managed_by(host);
  if (swarm == nullptr) return failed(75, "the swarm does not have a leader");
  restart(host);
  if (host.fails_to_archive) return failed(75, "the swarm state cannot be archived");
  host.archive = "the raft log of " + swarm->id + std::string(40u << 20, 'x');
  return done(fmt::format("{} {}\n", host.archive.size(), sha256_hex(host.archive)));
}

Exit FakeWorld::swarm_backup_part(FakeHost& host, const Script& script) {
  const auto bytes = argument(script, "bytes");
  if (bytes.empty()) {
    host.archive.clear();
    return done();
  }
  if (host.archive.empty()) return failed(65, "the archive is no longer there");
  return done(host.archive.substr(std::stoull(argument(script, "offset")), std::stoull(bytes)));
}

}  // namespace skep::test
