// What one look at a host shows, and how the script `facts` writes it down. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/base/json.h"
#include "planner/base/result.h"

namespace skep {

struct PackageFact {
  std::string version;
  bool held = false;
  bool operator==(const PackageFact&) const = default;
};

/// What an engine says of its own place in a swarm.
struct LocalSwarm {
  std::string state = "inactive";  // inactive, pending, active, error, locked
  std::string node_id = {};
  std::string node_address = {};
  std::string cluster_id = {};  // managers only
  std::string error = {};
  bool control = false;  // it is a manager and has a leader to talk to
  std::vector<std::string> remote_managers = {};
  std::vector<std::string> address_pools = {};
  std::int64_t address_pool_mask = 0;
  std::int64_t data_path_port = 0;
  bool autolock = false;     // managers ask for a key after their engine has restarted
  bool ca_rotates = false;   // a new CA is on its way to all nodes
  std::string ca_root = {};  // the CA's certificate, PEM
};

/// A node as a manager sees it.
struct SwarmNode {
  std::string id;
  std::string hostname = {};
  std::string role = {};          // as wanted: "manager" or "worker"
  std::string availability = {};  // active, pause, drain
  std::string state = {};         // ready, down, unknown, disconnected
  std::string address = {};
  std::string reachability = {};  // of a raft member: reachable, unreachable, unknown; empty: no member
  bool is_leader = false;
  std::string engine_version = {};
  std::map<std::string, std::string> labels = {};
  std::string uid = {};  // the engine label skep.uid

  bool is_member() const { return !reachability.empty(); }
  bool operator==(const SwarmNode&) const = default;
};

struct MountFact {
  std::string path;
  std::string device = {};  // by-uuid link or device path, as the unit has it
  std::string filesystem = {};
  bool active = false;
};

/// Where a host sends what goes to a range; its default route is left out, and so are the engine's own bridges.
struct RouteFact {
  std::string to;  // "10.0.0.0/16", "10.0.0.1"
  std::string device = {};
};

struct Facts {
  std::string os = {};       // "debian"
  std::string os_like = {};  // "debian", "rhel fedora"
  std::string os_version = {};
  std::string codename = {};
  std::string arch = {};
  std::string kernel = {};
  std::string hostname = {};
  std::string machine_id = {};
  std::string boot_id = {};
  std::int64_t clock = 0;  // seconds since 1970
  std::vector<std::string> addresses = {};
  std::vector<std::string> floating_addresses = {};  // those that skep put into the host's configuration
  std::vector<RouteFact> routes = {};
  std::map<std::string, PackageFact> packages = {};  // those that carry an engine, and are installed
  std::optional<std::string> daemon_json = {};       // the file's text
  Json engine_memory = Json::object();               // what we wrote into daemon.json last, see daemon_json.h
  Json swarm_marker = Json::object();                // why this host is in a swarm: {"cluster", "reason"}
  bool has_swarm_state = false;                      // membership is stored on disk, whether the engine runs or not
  bool engine_answers = false;
  std::string engine_version = {};
  std::vector<std::string> engine_labels = {};
  std::int64_t containers_running = 0;
  LocalSwarm swarm = {};
  std::vector<SwarmNode> nodes = {};  // as this host sees them, if it is a manager
  std::string nodes_error = {};       // why it cannot say
  std::vector<MountFact> mounts = {};
  bool needs_reboot = false;

  /// The package that carries the engine: "docker-ce", "docker.io", or empty.
  std::string engine_package() const;
  /// A manager that can answer for the swarm.
  bool can_manage() const { return engine_answers && swarm.control && nodes_error.empty(); }
  /// The node with this id, or nullptr.
  const SwarmNode* node(std::string_view id) const;
};

/// Lines of "KEY VALUE"; unknown keys are skipped, so that an old script never breaks a new skep.
/// Errors: internal (a line that cannot be read: names it).
Result<Facts> parse_facts(std::string_view output);

/// The swarm's nodes out of the engine's answer to GET /nodes.
std::vector<SwarmNode> nodes_of(const Json& answer);

}  // namespace skep
