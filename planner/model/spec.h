// What the user wrote, typed and checked. Defaults stand here and nowhere else. One Spec is one cluster.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/model/problem.h"

namespace skep {

enum class Role { manager, worker };

struct SshSpec {
  std::string user = "root";
  int port = 22;
  std::string key =
      {};  // path of a private key, or the key itself ("-----BEGIN ..."); empty: ~/.ssh/id_ed25519, then the agent
};

struct NetworkSpec {
  std::string range = {};  // CIDR; empty: the provider chooses
};

/// What else may come in from outside: `port` is "443" or "8000-8010", `from` holds ranges (empty: everybody).
struct InboundSpec {
  std::string port;
  std::string protocol = "tcp";
  std::vector<std::string> from = {};
};

struct FirewallSpec {
  std::vector<std::string> ssh = {};  // ranges that may reach port 22; empty: everybody
  std::vector<InboundSpec> inbound = {};
  bool asks_for_something() const { return !ssh.empty() || !inbound.empty(); }
};

struct EngineSpec {
  enum class Source { docker, distro };
  std::string version = {};  // "28.5", "28.5.2"; empty: newest at first installation
  Source source = Source::docker;
  Json daemon = Json::object();     // merged key by key into daemon.json
  std::string repository_url = {};  // instead of https://download.docker.com/linux/DISTRO; for mirrors
  std::string repository_key = {};  // fingerprint of the mirror's key; empty: Docker's own, compiled in
};

/// Where a secret is read when it is needed: exactly one of these, or none of them.
struct SecretPlace {
  std::string env = {};                   // a variable
  std::string file = {};                  // a path, relative to the spec
  std::vector<std::string> command = {};  // a program and its arguments, which prints it
  bool is_given() const { return !env.empty() || !file.empty() || !command.empty(); }
};

struct SwarmSpec {
  std::vector<std::string> address_pools = {};  // CIDR; `address_pool` in the spec is one or a list
  int address_pool_mask = 24;
  int data_path_port = 4789;
  bool autolock = false;
  SecretPlace unlock_key = {};
};

/// An absolute count or a share: "1" or "25%".
struct CountOrPercent {
  int value = 1;
  bool percent = false;
  bool operator==(const CountOrPercent&) const = default;
};

struct RolloutSpec {
  CountOrPercent max_unavailable = {1, false};
  CountOrPercent max_surge = {1, false};
  std::chrono::milliseconds drain_timeout = std::chrono::minutes(10);
  std::chrono::milliseconds settle = std::chrono::seconds(30);
  bool reboots = true;                                // nodes whose system asks for it, one after the other
  std::vector<std::string> allow_unschedulable = {};  // services (with *) that may find no place, or leave data behind
};

struct VolumeSpec {
  std::uint64_t size_bytes = 0;
  std::string mount;  // absolute path
  std::string filesystem = "ext4";
  bool protect = true;
};

/// One machine of a pool. Of a pool with `count: 3` these are POOL-1, POOL-2, POOL-3.
struct NodeSpec {
  std::string name;
  std::map<std::string, std::string> labels = {};  // its own, over the pool's
  // for provider `existing` only:
  std::string address = {};
  std::string private_address = {};
  std::string host_key = {};
  std::string user = {};
  int port = 0;  // 0: as in ssh.port
};

struct PoolSpec {
  std::string name;
  Role role = Role::worker;
  std::string provider;  // the spec's default filled in
  std::string location = {};
  std::vector<std::string> other_locations = {};  // tried in turn where `location` has no room
  std::string type = {};
  std::vector<std::string> other_types = {};  // tried in turn where `type` cannot be had
  std::string image = {};
  bool named = false;                // `nodes` instead of `count`
  std::vector<NodeSpec> nodes = {};  // in the order of the spec
  std::map<std::string, std::string> labels = {};
  std::map<std::string, VolumeSpec> volumes = {};
  bool spread = false;
  bool protect = false;
  bool backups = false;  // made by the provider, of the machines' own disks
};

struct FloatingIpSpec {
  std::string pool;
};

struct ListenSpec {
  int port = 0;
  int to = 0;  // port on the nodes; 0: the same
  std::string protocol = "tcp";
  std::string certificate = {};  // the provider's id of one; with https only, where it is needed
};

/// When a node gets no connections any more: it failed to answer so many times.
struct HealthCheckSpec {
  std::string path = {};  // asked for over HTTP; empty: a connection is enough
  std::chrono::milliseconds interval = std::chrono::seconds(15);
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  int retries = 3;
};

struct LoadBalancerSpec {
  std::string pool;
  std::vector<ListenSpec> listen = {};
  HealthCheckSpec health_check = {};
};

/// A name that leads to an address of the cluster: exactly one of `floating_ip` and `load_balancer` is given. It is
/// made by the provider that has the address.
struct DnsRecordSpec {
  std::string name;  // "shop.example.com"
  std::string zone;  // "example.com"; what follows the first label, where the spec does not say it
  std::string floating_ip = {};
  std::string load_balancer = {};
  std::chrono::milliseconds ttl = std::chrono::minutes(5);
};

struct StateSpec {
  std::string backend = "local";
  std::string address = {};
};

struct MailSpec {
  std::string server = {};  // smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT
  std::string from = {};
  std::vector<std::string> to = {};
  std::string user = {};
  SecretPlace password = {};
  bool needs_tls = true;
};

/// Who is told of what happens: by webhook, or by mail.
struct NotifySpec {
  std::string webhook = {};     // may hold a secret itself
  SecretPlace secret = {};      // what the webhook's messages are signed with
  MailSpec mail = {};           // without a server: none
  std::vector<std::string> on;  // "destroys", "start", "end", "failure"
};

struct Spec {
  std::string name;
  std::string provider;  // the default of the pools
  std::string location = {};
  std::vector<std::string> other_locations = {};
  std::map<std::string, std::string> endpoints = {};  // other addresses of providers' APIs, by provider
  SshSpec ssh = {};
  NetworkSpec network = {};
  FirewallSpec firewall = {};
  EngineSpec engine = {};
  SwarmSpec swarm = {};
  RolloutSpec rollout = {};
  StateSpec state = {};
  std::map<std::string, NotifySpec> notify = {};
  std::map<std::string, PoolSpec> pools = {};
  std::map<std::string, FloatingIpSpec> floating_ips = {};
  std::map<std::string, LoadBalancerSpec> load_balancers = {};
  std::map<std::string, DnsRecordSpec> dns_records = {};

  /// Where each key stands, by dotted path ("pools.worker.type", "pools.edge.nodes.sg-1"); for problems found later.
  std::map<std::string, Place> places = {};

  /// SHA-256 of the merged, expanded spec as canonical JSON: two specs that mean the same have the same digest.
  std::string digest = {};
};

/// A problem at a dotted path; at the nearest enclosing key when that path itself was not written. The message gets the
/// path in front ("pools.worker.type: ..."), unless it begins with it already.
Problem problem_at(const Spec& spec, std::string_view path, std::string message, std::string hint = {});

/// All pools with this provider, in name order.
std::vector<const PoolSpec*> pools_of(const Spec& spec, std::string_view provider);

}  // namespace skep
