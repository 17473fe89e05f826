// Hosts and swarms in memory behind the Ssh seam: they answer scripts by name and refuse what real ones would refuse.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/system/clock.h"
#include "planner/system/ssh.h"

namespace skep::test {

/// A clock that jumps: sleeping costs nothing, and time passes only there. Safe from any thread.
class JumpingClock final : public Clock {
 public:
  Instant now() const override;
  WallTime wall() const override;
  Result<void> sleep(Duration duration, const Context& context) const override;

 private:
  mutable std::mutex mutex_;
  mutable Duration passed_ = std::chrono::hours(1);
};

struct FakeEngine {
  std::string package;  // docker.io or docker-ce
  std::string version;  // of the package
  bool held = false;
  bool runs = true;
  std::vector<std::string> labels = {};
  int starts = 1;
  std::optional<std::string> read = {};  // the daemon.json that it started with
};

struct FakeMount {
  std::string device;
  std::string filesystem;
};

/// One host. Its place in a swarm: `cluster` and `node_id` (empty: none).
struct FakeHost {
  std::string address;
  std::string host_key;
  std::string next_host_key = {};                 // made, and not shown yet
  std::set<std::string> floating_addresses = {};  // in its configuration
  bool power = true;
  bool reachable = true;  // by SSH; a host that hangs still runs its containers
  std::string hostname = "localhost";
  std::string machine_id;
  std::set<std::string> addresses;
  std::map<std::string, std::string> routes = {};  // range -> device
  Duration clock_skew = {};
  bool needs_reboot = false;
  int boots = 1;
  std::string os = "debian|12|bookworm|";
  std::optional<std::string> daemon_json;
  std::string engine_memory;  // text; empty: none
  std::string swarm_marker;
  std::optional<FakeEngine> engine;
  std::map<std::string, std::string> devices = {};  // path -> file system on it, empty: blank
  std::map<std::string, FakeMount> mounts = {};
  std::map<std::string, std::vector<std::string>> repository = {};  // package -> versions, newest first
  std::string cluster;
  std::string node_id;
  std::string node_address;
  std::string local_state = "inactive";
  Duration join_takes = {};  // longer than 20 s: the engine goes on in the background
  Instant joined_at = {};    // when a join that is pending will have ended
  int mtu = 1500;            // of its interface, as it takes it to be
  int carried = 1500;        // what the way to it carries
  bool has_perl = true;      // of which the image of a probe is made
  std::string probe = {};    // the address of its probe's container
  std::int64_t raft_written = 1000;
  std::int64_t raft_snapshot = 0;  // the index of its newest one
  std::string archive = {};        // of a backup that was not fetched to its end
  bool fails_to_archive = false;
  bool bad_advertise = false;  // the engine drops the advertised address, as it does silently when it is not its own
};

struct FakeNode {
  std::string id;
  std::string hostname;
  std::string address;
  std::string uid;
  std::string role = "worker";
  std::string availability = "active";
  bool voter = false;
  std::map<std::string, std::string> labels = {};
  Instant seen = Instant::max();  // max: its engine is there now; else since when it is not
};

struct FakeService {
  std::string id;
  std::string name;
  std::string runs_on;        // a node id; empty: nowhere
  std::set<std::string> may;  // node ids it may run on; empty: any
  bool global = false;
};

struct FakeSwarm {
  std::string id;
  std::string token;
  std::string leader;
  std::map<std::string, FakeNode> nodes = {};
  std::vector<FakeService> services = {};
  std::set<std::string> networks = {};
  std::set<std::string> encrypted = {};  // of users' networks
  std::vector<std::string> pools = {};
  int pool_mask = 24;
  int data_path_port = 4789;
  bool autolock = false;
  std::string unlock_key = {};
  std::string manager_token = {};
  int ca = 1;               // which one nodes have
  Instant ca_rotated = {};  // when a rotation that is under way will have ended; {}: none is
};

/// What happens to one call instead of, or after, what it does.
enum class Fault { none, not_sent, answer_lost };

class FakeWorld final : public Ssh {
 public:
  explicit FakeWorld(const Clock& clock) : clock_(clock) {}

  /// Adds a host that has just booted: no engine, a name that is not its node's.
  FakeHost& add_host(const std::string& name, const std::string& address);
  FakeHost& host(const std::string& name) { return hosts_.at(name); }
  /// The only swarm; asserts that there is exactly one.
  FakeSwarm& swarm();
  std::map<std::string, FakeSwarm>& swarms() { return swarms_; }
  /// Turns the power off: the engine stops being seen.
  void power_off(const std::string& name);
  /// Turns it on again: the engine starts, and comes back into its swarm, or is locked.
  void power_on(const std::string& name);
  void add_service(const std::string& name, const std::string& on_host, std::vector<std::string> may_run_on = {});

  Result<Exit> run(const Endpoint& endpoint, const Script& script, const Context& context) override;

  /// Every call so far: "manager-1 facts".
  std::vector<std::string> calls() const;
  std::size_t count_of_calls(const std::string& text) const;
  void forget_calls();
  /// Asked before each call, with its number from 0 on.
  std::function<Fault(std::size_t number, const std::string& call)> fault = [](auto, const auto&) {
    return Fault::none;
  };

  /// The world as a text, for comparing: hosts with their engines, swarms with their nodes.
  std::string text() const;

 private:
  using Handler = Exit (FakeWorld::*)(FakeHost&, const Script&);
  static const std::map<std::string, Handler>& handlers();

  Exit facts(FakeHost& host, const Script& script);
  Exit host_key_prepare(FakeHost& host, const Script& script);
  Exit host_key_switch(FakeHost& host, const Script& script);
  Exit address_ensure(FakeHost& host, const Script& script);
  Exit address_release(FakeHost& host, const Script& script);
  Exit host_ready(FakeHost& host, const Script& script);
  Exit host_reboot(FakeHost& host, const Script& script);
  Exit clock_sync(FakeHost& host, const Script& script);
  Exit engine_validate(FakeHost& host, const Script& script);
  Exit engine_configure(FakeHost& host, const Script& script);
  Exit engine_repository(FakeHost& host, const Script& script);
  Exit engine_available(FakeHost& host, const Script& script);
  Exit engine_download(FakeHost& host, const Script& script);
  Exit engine_install(FakeHost& host, const Script& script);
  Exit engine_restart(FakeHost& host, const Script& script);
  Exit engine_release(FakeHost& host, const Script& script);
  Exit engine_read(FakeHost& host, const Script& script);
  Exit swarm_init(FakeHost& host, const Script& script);
  Exit swarm_token(FakeHost& host, const Script& script);
  Exit swarm_join(FakeHost& host, const Script& script);
  Exit swarm_leave(FakeHost& host, const Script& script);
  Exit node_update(FakeHost& host, const Script& script);
  Exit node_role(FakeHost& host, const Script& script);
  Exit node_destroy(FakeHost& host, const Script& script);
  Exit mount_ensure(FakeHost& host, const Script& script);
  Exit mount_release(FakeHost& host, const Script& script);
  Exit swarm_autolock(FakeHost& host, const Script& script);
  Exit swarm_unlock(FakeHost& host, const Script& script);
  Exit swarm_unlock_key(FakeHost& host, const Script& script);
  Exit swarm_rotate(FakeHost& host, const Script& script);
  Exit network_probe(FakeHost& host, const Script& script);
  Exit overlay_network(FakeHost& host, const Script& script);
  Exit overlay_begin(FakeHost& host, const Script& script);
  Exit overlay_end(FakeHost& host, const Script& script);
  Exit raft_look(FakeHost& host, const Script& script);
  Exit swarm_recover(FakeHost& host, const Script& script);
  Exit swarm_fence(FakeHost& host, const Script& script);
  Exit swarm_forget(FakeHost& host, const Script& script);
  Exit swarm_backup(FakeHost& host, const Script& script);
  Exit swarm_backup_part(FakeHost& host, const Script& script);

  FakeHost* at(const Endpoint& endpoint);
  FakeHost* host_of_node(const std::string& node_id);
  bool is_up(const FakeNode& node);
  bool has_quorum(const FakeSwarm& swarm);
  bool is_rotating(const FakeSwarm& swarm) const;  // its CA
  /// The swarm that this host manages and that has a leader; null otherwise.
  FakeSwarm* managed_by(const FakeHost& host);
  void settle(FakeSwarm& swarm);  // leaders, tasks
  std::string info(const FakeHost& host);
  std::string nodes(FakeSwarm& swarm);
  std::string answer(FakeHost& host, const std::string& path);
  void restart(FakeHost& host);  // its engine; a manager may be locked afterwards
  void take_labels(FakeHost& host);
  static void leave_swarm(FakeHost& host);
  void enter_swarm(FakeHost& host);  // a join that was pending has ended
  std::string new_id(const std::string& prefix);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, FakeHost> hosts_;
  std::map<std::string, FakeSwarm> swarms_;
  std::vector<std::string> calls_;
  int ids_ = 0;
};

}  // namespace skep::test
