#include "provisioners/facts.h"

#include <functional>

#include <fmt/format.h>

#include "planner/base/digest.h"
#include "planner/base/text.h"

namespace skep {
namespace {

const Json& member_or_null(const Json& object, const char* key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto at = object.find(key);
  return at == object.end() ? nothing : *at;
}

std::vector<std::string> strings_of(const Json& list) {
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  for (const auto& entry : list) {
    if (entry.is_string()) texts.push_back(entry.get<std::string>());
  }
  return texts;
}

std::string lower(std::string text) {
  for (auto& letter : text) letter = static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
  return text;
}

LocalSwarm local_swarm_of(const Json& swarm) {
  LocalSwarm local;
  const auto state = json_string_or(swarm, "LocalNodeState");
  if (!state.empty()) local.state = lower(state);
  local.node_id = json_string_or(swarm, "NodeID");
  local.node_address = json_string_or(swarm, "NodeAddr");
  local.error = json_string_or(swarm, "Error");
  const auto& control = member_or_null(swarm, "ControlAvailable");
  local.control = control.is_boolean() && control.get<bool>();
  const auto& managers = member_or_null(swarm, "RemoteManagers");
  if (managers.is_array()) {
    for (const auto& manager : managers) local.remote_managers.push_back(json_string_or(manager, "Addr"));
  }
  const auto& cluster = member_or_null(swarm, "Cluster");
  local.cluster_id = json_string_or(cluster, "ID");
  local.address_pools = strings_of(member_or_null(cluster, "DefaultAddrPool"));
  local.address_pool_mask = json_int_or(cluster, "SubnetSize", 0);
  local.data_path_port = json_int_or(cluster, "DataPathPort", 0);
  const auto& encryption = member_or_null(member_or_null(cluster, "Spec"), "EncryptionConfig");
  local.autolock = member_or_null(encryption, "AutoLockManagers") == Json(true);
  local.ca_rotates = member_or_null(cluster, "RootRotationInProgress") == Json(true);
  local.ca_root = json_string_or(member_or_null(cluster, "TLSInfo"), "TrustRoot");
  return local;
}

void read_info(Facts& facts, const Json& info) {
  facts.engine_answers = true;
  facts.engine_version = json_string_or(info, "ServerVersion");
  facts.engine_labels = strings_of(member_or_null(info, "Labels"));
  facts.containers_running = json_int_or(info, "ContainersRunning", 0);
  facts.swarm = local_swarm_of(member_or_null(info, "Swarm"));
}

// "docker-ce hold installed 5:28.5.2-1~debian.12~bookworm"
void read_package(Facts& facts, std::string_view value) {
  const auto words = split(value, ' ');
  if (words.size() != 4 || words[2] != "installed") return;
  facts.packages[words[0]] = {words[3], words[1] == "hold"};
}

// "active ext4 /dev/disk/by-uuid/... /srv/data": the path comes last, it may hold blanks
void read_mount(Facts& facts, std::string_view value) {
  const auto words = split(value, ' ');
  if (words.size() < 4) return;
  MountFact mount;
  mount.active = words[0] == "active";
  mount.filesystem = words[1];
  mount.device = words[2];
  mount.path = std::string(value.substr(words[0].size() + words[1].size() + words[2].size() + 3));
  facts.mounts.push_back(std::move(mount));
}

void read_os(Facts& facts, std::string_view value) {
  auto words = split(value, '|');
  words.resize(4);
  facts.os = words[0];
  facts.os_version = words[1];
  facts.codename = words[2];
  facts.os_like = words[3];
}

Result<Json> stored_json(std::string_view encoded, std::string_view what) {
  auto parsed = parse_json(base64_decode(encoded), what);
  if (!parsed.ok() || !parsed.value().is_object()) return Json::object();  // a torn file says nothing
  return parsed;
}

Result<void> read_line(Facts& facts, const std::string& key, const std::string& value) {
  using Reader = std::function<void(Facts&, const std::string&)>;
  static const std::map<std::string, Reader> readers = {
      {"os", [](Facts& f, const std::string& v) { read_os(f, v); }},
      {"arch", [](Facts& f, const std::string& v) { f.arch = v; }},
      {"kernel", [](Facts& f, const std::string& v) { f.kernel = v; }},
      {"hostname", [](Facts& f, const std::string& v) { f.hostname = v; }},
      {"machine_id", [](Facts& f, const std::string& v) { f.machine_id = v; }},
      {"boot_id", [](Facts& f, const std::string& v) { f.boot_id = v; }},
      {"clock", [](Facts& f, const std::string& v) { f.clock = std::atoll(v.c_str()); }},
      {"address", [](Facts& f, const std::string& v) { f.addresses.push_back(v.substr(0, v.find('/'))); }},
      {"floating", [](Facts& f, const std::string& v) { f.floating_addresses.push_back(v); }},
      {"route",
       [](Facts& f, const std::string& v) {
         const auto blank = v.find(' ');
         if (blank != std::string::npos) f.routes.push_back({v.substr(0, blank), v.substr(blank + 1)});
       }},
      {"package", [](Facts& f, const std::string& v) { read_package(f, v); }},
      {"daemon_json", [](Facts& f, const std::string& v) { f.daemon_json = base64_decode(v); }},
      {"swarm_state", [](Facts& f, const std::string&) { f.has_swarm_state = true; }},
      {"nodes_error", [](Facts& f, const std::string& v) { f.nodes_error = v; }},
      {"mount", [](Facts& f, const std::string& v) { read_mount(f, v); }},
      {"needs_reboot", [](Facts& f, const std::string&) { f.needs_reboot = true; }},
  };
  if (const auto reader = readers.find(key); reader != readers.end()) {
    reader->second(facts, value);
  } else if (key == "engine_memory") {
    facts.engine_memory = TRY(stored_json(value, "what skep remembers of the engine"));
  } else if (key == "swarm_marker") {
    facts.swarm_marker = TRY(stored_json(value, "what skep remembers of the swarm"));
  } else if (key == "info") {
    read_info(facts, TRY(parse_json(value, "the engine's description of itself")));
  } else if (key == "nodes") {
    facts.nodes = nodes_of(TRY(parse_json(value, "the manager's list of nodes")));
  }
  return {};
}

}  // namespace

std::string Facts::engine_package() const {
  for (const char* name : {"docker-ce", "docker.io"}) {
    if (packages.contains(name)) return name;
  }
  return {};
}

const SwarmNode* Facts::node(std::string_view id) const {
  for (const auto& one : nodes) {
    if (one.id == id) return &one;
  }
  return nullptr;
}

std::vector<SwarmNode> nodes_of(const Json& answer) {
  std::vector<SwarmNode> nodes;
  if (!answer.is_array()) return nodes;
  for (const auto& entry : answer) {
    SwarmNode node;
    node.id = json_string_or(entry, "ID");
    const auto& spec = member_or_null(entry, "Spec");
    const auto& status = member_or_null(entry, "Status");
    const auto& description = member_or_null(entry, "Description");
    const auto& engine = member_or_null(description, "Engine");
    const auto& manager = member_or_null(entry, "ManagerStatus");
    node.hostname = json_string_or(description, "Hostname");
    node.role = json_string_or(spec, "Role");
    node.availability = json_string_or(spec, "Availability");
    node.state = json_string_or(status, "State");
    node.address = json_string_or(status, "Addr");
    node.engine_version = json_string_or(engine, "EngineVersion");
    node.uid = json_string_or(member_or_null(engine, "Labels"), "skep.uid");
    if (manager.is_object()) node.reachability = json_string_or(manager, "Reachability", "unknown");
    const auto& leader = member_or_null(manager, "Leader");
    node.is_leader = leader.is_boolean() && leader.get<bool>();
    const auto& labels = member_or_null(spec, "Labels");
    if (labels.is_object()) {
      for (const auto& [key, value] : labels.items()) {
        if (value.is_string()) node.labels[key] = value.get<std::string>();
      }
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

Result<Facts> parse_facts(std::string_view output) {
  Facts facts;
  bool is_whole = false;
  for (const auto& line : split_lines(output)) {
    const auto blank = line.find(' ');
    const auto key = line.substr(0, blank);
    is_whole = is_whole || key == "end";
    auto read = read_line(facts, key, blank == std::string::npos ? "" : line.substr(blank + 1));
    if (!read.ok()) return Error{ErrorCode::internal, fmt::format("facts, {}: {}", key, read.error().message)};
  }
  if (!is_whole) return Error{ErrorCode::unavailable, "the host's facts were cut off"};
  return facts;
}

}  // namespace skep
