// The swarms of the fake hosts: membership, quorum, tokens, draining.
#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/script_answers.h"

namespace skep::test {
namespace {

// Of a package "5:28.5.2-1~debian.12~bookworm".
std::string version_of(const FakeEngine& engine) {
  std::string version = engine.version;
  if (const auto colon = version.find(':'); colon != std::string::npos) version.erase(0, colon + 1);
  return version.substr(0, version.find('-'));
}

constexpr Duration heartbeat = std::chrono::seconds(15);

Json task(const std::string& service, const std::string& node, const std::string& state, const std::string& desired,
          const std::string& error = {}) {
  return {{"ID", "task-of-" + service + "-on-" + node},
          {"ServiceID", service},
          {"NodeID", node},
          {"DesiredState", desired},
          {"Status", {{"State", state}, {"Err", error}}}};
}

}  // namespace

FakeSwarm& FakeWorld::swarm() {
  assert(swarms_.size() == 1);
  return swarms_.begin()->second;
}

std::string FakeWorld::new_id(const std::string& prefix) { return fmt::format("{}{}", prefix, ++ids_); }

FakeHost* FakeWorld::host_of_node(const std::string& node_id) {
  for (auto& [name, host] : hosts_) {
    if (host.node_id == node_id) return &host;
  }
  return nullptr;
}

bool FakeWorld::is_up(const FakeNode& node) { return node.seen == Instant::max(); }

bool FakeWorld::has_quorum(const FakeSwarm& swarm) {
  int members = 0;
  int up = 0;
  for (const auto& [id, node] : swarm.nodes) {
    members += node.voter ? 1 : 0;
    up += node.voter && is_up(node) ? 1 : 0;
  }
  return up >= members / 2 + 1;
}

void FakeWorld::power_off(const std::string& name) {
  auto& host = hosts_.at(name);
  host.power = false;
  if (host.cluster.empty()) return;
  auto& swarm = swarms_[host.cluster];
  swarm.nodes[host.node_id].seen = clock_.now();
  settle(swarm);
}

void FakeWorld::settle(FakeSwarm& swarm) {
  const auto leader = swarm.nodes.find(swarm.leader);
  if (leader == swarm.nodes.end() || !leader->second.voter || !is_up(leader->second)) {
    swarm.leader.clear();
    for (const auto& [id, node] : swarm.nodes) {
      if (node.voter && is_up(node) && has_quorum(swarm) && swarm.leader.empty()) swarm.leader = id;
    }
  }
  for (auto& service : swarm.services) {
    const auto at = swarm.nodes.find(service.runs_on);
    if (at != swarm.nodes.end() && at->second.availability != "drain" && is_up(at->second)) continue;
    service.runs_on.clear();
    for (const auto& [id, node] : swarm.nodes) {
      const bool fits = service.may.empty() || service.may.contains(id);
      if (service.runs_on.empty() && fits && is_up(node) && node.availability == "active") service.runs_on = id;
    }
  }
}

void FakeWorld::add_service(const std::string& name, const std::string& on_host, std::vector<std::string> may_run_on) {
  FakeService service = {.id = new_id("service"), .name = name, .runs_on = hosts_.at(on_host).node_id};
  for (const auto& host : may_run_on) service.may.insert(hosts_.at(host).node_id);
  swarm().services.push_back(std::move(service));
}

FakeSwarm* FakeWorld::managed_by(const FakeHost& host) {
  const auto swarm = swarms_.find(host.cluster);
  if (swarm == swarms_.end() || host.local_state != "active" || !host.engine || !host.engine->runs) return nullptr;
  const auto node = swarm->second.nodes.find(host.node_id);
  if (node == swarm->second.nodes.end() || !node->second.voter || !has_quorum(swarm->second)) return nullptr;
  settle(swarm->second);
  if (swarm->second.ca_rotated != Instant{} && !is_rotating(swarm->second)) {
    swarm->second.ca++;
    swarm->second.ca_rotated = {};
  }
  return &swarm->second;
}

std::string FakeWorld::info(const FakeHost& host) {
  Json swarm = {{"LocalNodeState", host.local_state},
                {"NodeID", host.node_id},
                {"NodeAddr", host.node_address},
                {"ControlAvailable", false}};
  const auto of = swarms_.find(host.cluster);
  if (of != swarms_.end() && host.local_state == "active") {
    const auto node = of->second.nodes.find(host.node_id);
    const bool is_voter = node != of->second.nodes.end() && node->second.voter;
    swarm["ControlAvailable"] = is_voter;
    if (is_voter && has_quorum(of->second)) {
      swarm["Cluster"] = {{"ID", of->second.id},
                          {"DefaultAddrPool", of->second.pools},
                          {"Spec", {{"EncryptionConfig", {{"AutoLockManagers", of->second.autolock}}}}},
                          {"RootRotationInProgress", is_rotating(of->second)},
                          {"TLSInfo",
                           {{"TrustRoot", fmt::format("root {}", of->second.ca)},
                            {"CertIssuerPublicKey", fmt::format("key {}", of->second.ca)}}},
                          {"SubnetSize", of->second.pool_mask},
                          {"DataPathPort", of->second.data_path_port}};
    }
  }
  return Json({{"ServerVersion", version_of(*host.engine)}, {"Labels", host.engine->labels}, {"Swarm", swarm}}).dump();
}

std::string FakeWorld::nodes(FakeSwarm& swarm) {
  Json list = Json::array();
  for (const auto& [id, node] : swarm.nodes) {
    const bool is_down = !is_up(node) && clock_.now() - node.seen >= heartbeat;
    const FakeHost* host = host_of_node(id);
    const std::string version = host && host->engine ? version_of(*host->engine) : "";
    Json entry = {{"ID", id},
                  {"Spec", {{"Role", node.role}, {"Availability", node.availability}, {"Labels", node.labels}}},
                  {"Description",
                   {{"Hostname", node.hostname},
                    {"TLSInfo", {{"CertIssuerPublicKey", fmt::format("key {}", swarm.ca)}}},
                    {"Engine", {{"EngineVersion", version}, {"Labels", {{"skep.uid", node.uid}}}}}}},
                  {"Status", {{"State", is_down ? "down" : "ready"}, {"Addr", node.address}}}};
    if (node.voter) {
      entry["ManagerStatus"] = {{"Reachability", is_up(node) ? "reachable" : "unreachable"},
                                {"Leader", id == swarm.leader}};
    }
    list.push_back(std::move(entry));
  }
  return list.dump();
}

std::string FakeWorld::answer(FakeHost& host, const std::string& path) {
  auto* swarm = managed_by(host);
  if (swarm == nullptr) return "answer_error This node is not a swarm manager, or the swarm has no leader.";
  if (path == "/nodes") return "answer " + nodes(*swarm);
  if (path == "/info") return "answer " + info(host);
  Json list = Json::array();
  if (path.starts_with("/networks")) {
    for (const auto& name : swarm->encrypted) list.push_back({{"Name", name}, {"Options", {{"encrypted", ""}}}});
    list.push_back({{"Name", "ingress"}, {"Options", {{"com.docker.network.driver.overlay.vxlanid_list", "4096"}}}});
    return "answer " + list.dump();
  }
  for (const auto& service : swarm->services) {
    const bool waits = service.runs_on.empty();
    if (path.starts_with("/services")) {
      Json placement = Json::object();
      if (service.may.size() == 1) placement["Constraints"] = {"node.id==" + *service.may.begin()};
      list.push_back({{"ID", service.id},
                      {"Spec",
                       {{"Name", service.name},
                        {"Mode", {{"Replicated", {{"Replicas", 1}}}}},
                        {"TaskTemplate", {{"Placement", placement}}}}},
                      {"ServiceStatus", {{"RunningTasks", waits ? 0 : 1}, {"DesiredTasks", 1}}}});
    } else if (path.find("desired-state") != std::string::npos) {
      list.push_back(task(service.id, service.runs_on, waits ? "pending" : "running", "running",
                          waits ? "no suitable node (scheduling constraints not satisfied)" : ""));
    } else if (!waits && path.find(service.runs_on) != std::string::npos) {
      list.push_back(task(service.id, service.runs_on, "running", "running"));
    }
  }
  return "answer " + list.dump();
}

Exit FakeWorld::engine_read(FakeHost& host, const Script& script) {
  const auto requests = argument(script, "requests");
  if (!requests.starts_with("answer /")) return failed(2, "requests: parameter not set or null");
  return done(answer(host, requests.substr(7)) + "\nend .\n");
}

Exit FakeWorld::swarm_init(FakeHost& host, const Script& script) {
  const auto note = fmt::format("{{\"cluster\": \"{}\", \"reason\": \"init\"}}", argument(script, "cluster"));
  if (!host.engine || !host.engine->runs) return failed(75, "the engine does not answer");
  if (host.local_state == "active" && host.swarm_marker == note) return done();
  if (host.local_state != "inactive") return failed(77, "this host is in a swarm that skep did not make");
  host.swarm_marker = note;
  FakeSwarm swarm;
  swarm.id = new_id("cluster");
  swarm.token = "SWMTKN-" + swarm.id;
  swarm.pools = split(argument(script, "pools"), ' ');
  swarm.data_path_port = std::stoi(argument(script, "data_path_port"));
  swarm.autolock = argument(script, "autolock") == "yes";
  if (swarm.autolock) swarm.unlock_key = new_id("SWMKEY-1-");
  host.cluster = swarm.id;
  host.node_id = new_id("node");
  host.node_address = argument(script, "address");
  host.local_state = host.join_takes > Duration(0) ? "pending" : "active";
  host.joined_at = clock_.now() + host.join_takes;
  swarm.leader = host.node_id;
  swarm.nodes[host.node_id] = {.id = host.node_id,
                               .hostname = host.hostname,
                               .address = host.node_address,
                               .uid = {},
                               .role = "manager",
                               .voter = true};
  swarms_[swarm.id] = std::move(swarm);
  take_labels(host);
  return done();
}

Exit FakeWorld::swarm_token(FakeHost& host, const Script&) {
  auto* swarm = managed_by(host);
  if (swarm == nullptr) return failed(75, "no join token: this node is not a swarm manager");
  return done(swarm->token + "\n");
}

Exit FakeWorld::swarm_join(FakeHost& host, const Script& script) {
  if (!host.engine || !host.engine->runs) return failed(75, "joining: the engine does not answer");
  if (host.local_state != "inactive") return done("This node is already part of a swarm");
  const auto request = Json::parse(script.input.reveal());
  const std::string remote = request.at("RemoteAddrs").at(0);
  FakeSwarm* swarm = nullptr;
  for (auto& [name, other] : hosts_) {
    if (other.address + ":2377" == remote && other.power) swarm = managed_by(other);
  }
  if (swarm == nullptr) return failed(75, "joining: connection refused by " + remote);
  if (request.at("JoinToken") != swarm->token) return failed(75, "joining: invalid join token");
  host.swarm_marker = fmt::format("{{\"cluster\": \"{}\", \"reason\": \"join\"}}", argument(script, "cluster"));
  host.cluster = swarm->id;
  host.node_id = new_id("node");
  host.node_address = host.bad_advertise ? "192.0.2.99" : request.at("AdvertiseAddr").get<std::string>();
  host.local_state = "pending";
  host.joined_at = clock_.now() + host.join_takes;
  if (host.join_takes > std::chrono::seconds(20)) {
    return done(
        "Timeout was reached before node joined. The attempt to join the swarm will continue in the background");
  }
  enter_swarm(host);
  return done("joined");
}

void FakeWorld::enter_swarm(FakeHost& host) {
  host.local_state = "active";
  swarms_[host.cluster].nodes.try_emplace(
      host.node_id, FakeNode{.id = host.node_id, .hostname = host.hostname, .address = host.node_address, .uid = {}});
  take_labels(host);
}

Exit FakeWorld::swarm_leave(FakeHost& host, const Script& script) {
  const bool force = argument(script, "force") == "yes";
  if (host.local_state == "inactive") return done();
  auto& swarm = swarms_[host.cluster];
  const auto node = swarm.nodes.find(host.node_id);
  if (node != swarm.nodes.end()) {
    if (node->second.voter && !force) return failed(77, "leaving: you are attempting to leave the swarm on a manager");
    node->second.seen = clock_.now();
    settle(swarm);
  }
  leave_swarm(host);
  return done();
}

void FakeWorld::leave_swarm(FakeHost& host) {
  host.cluster.clear();
  host.node_id.clear();
  host.node_address.clear();
  host.local_state = "inactive";
  host.swarm_marker.clear();
}

Exit FakeWorld::node_update(FakeHost& host, const Script& script) {
  auto* swarm = managed_by(host);
  if (swarm == nullptr) return failed(75, "docker node update: the swarm does not have a leader");
  const auto node = swarm->nodes.find(argument(script, "node"));
  if (node == swarm->nodes.end()) return failed(75, "docker node update: no such node");
  for (const auto& pair : split(argument(script, "labels"), '\n')) {
    node->second.labels[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
  }
  for (const auto& key : split(argument(script, "labels_gone"), '\n')) node->second.labels.erase(key);
  if (const auto availability = argument(script, "availability"); !availability.empty()) {
    node->second.availability = availability;
  }
  settle(*swarm);
  return done();
}

Exit FakeWorld::node_role(FakeHost& host, const Script& script) {
  auto* swarm = managed_by(host);
  if (swarm == nullptr) return failed(75, "docker node promote: the swarm does not have a leader");
  const auto node = swarm->nodes.find(argument(script, "node"));
  if (node == swarm->nodes.end()) return failed(75, "no such node");
  const bool promotes = argument(script, "change") == "promote";
  if (!promotes && node->second.role == "manager" && !node->second.voter)
    return failed(75, "can't find manager in raft memberlist");
  if (!promotes && node->second.voter) {
    const auto voters = std::ranges::count_if(swarm->nodes, [](const auto& one) { return one.second.voter; });
    if (voters == 1) return failed(75, "attempting to demote the last manager of the swarm");
    if (voters == 2 && swarm->leader == node->first) {
      swarm->nodes.clear();  // moby#34384: a careless demotion ends here
      return failed(75, "the swarm does not have a leader");
    }
  }
  node->second.role = promotes ? "manager" : "worker";
  node->second.voter = promotes;
  settle(*swarm);
  return done();
}

Exit FakeWorld::node_destroy(FakeHost& host, const Script& script) {
  auto* swarm = managed_by(host);
  if (swarm == nullptr) return failed(75, "docker node rm: the swarm does not have a leader");
  const auto node = swarm->nodes.find(argument(script, "node"));
  if (node == swarm->nodes.end()) return done();
  const bool is_down = !is_up(node->second) && clock_.now() - node->second.seen >= heartbeat;
  if (node->second.voter) return failed(75, "docker node rm: the node is a manager");
  if (!is_down && argument(script, "force") != "yes") return failed(75, "docker node rm: node is not down");
  swarm->nodes.erase(node);
  settle(*swarm);
  return done();
}

}  // namespace skep::test
