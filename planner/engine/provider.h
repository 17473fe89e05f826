// What a provider must offer: a name, its drivers, and how a spec becomes its resources.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/engine/driver.h"
#include "planner/model/plan.h"
#include "planner/model/problem.h"
#include "planner/model/resource.h"
#include "planner/model/spec.h"
#include "planner/model/state.h"

namespace skep {

/// The machine behind a node, as its provider promises it.
struct Machine {
  ResourceId id;  // "server/worker-1"
  std::string pool;
  bool ours = true;                                // destroying the resource ends the machine, and all that is on it
  std::map<std::string, std::string> labels = {};  // region, zone: what the provider knows; become node labels
  /// The same, where only the machine will say: label -> field of the machine.
  std::map<std::string, std::string> reported_labels = {};
  /// For each volume of the pool: the resource, which reports `device` (a path on the node that survives reboots).
  std::map<std::string, ResourceId> volumes = {};
  bool private_network = false;  // private_address differs from address
  int network_mtu = 1500;        // of the private network
  /// Its host key came with its user-data, where others can read it: right after the first login the host makes itself
  /// another one, which the provider remembers in a resource of this kind (inputs: cluster, server, key); from then on
  /// only the new one is accepted. Empty: the host keeps its key.
  std::string pin_driver = {};
  /// Addresses that the host's system must know itself, by name of the floating IP; each resource reports `address`.
  std::map<std::string, ResourceId> floating_ips = {};
  /// Firewalls that name every member of the cluster by its address: they know the node before it joins.
  std::vector<ResourceId> doors = {};
};

struct Expansion {
  std::vector<Resource> resources;
  std::map<std::string, Machine> machines;  // by node name
};

/// What expand() may know besides the spec. Pure data, gathered by the caller.
struct ExpandOptions {
  std::vector<std::string> authorized_keys;  // public lines of the keys that skep logs in with
};

/// What resources cost a month by their provider's own price list: an estimate, without tax and traffic.
struct Prices {
  std::string currency = {};                  // "EUR"; empty: nothing costs anything
  std::map<ResourceId, double> monthly = {};  // of what costs something
  std::vector<ResourceId> unknown = {};       // costs something, and the list does not say what
};

class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;
  virtual std::vector<Driver*> drivers() = 0;

  /// What is wrong with this provider's part of the spec, offline: unknown types, keys it does not support.
  virtual std::vector<Problem> check(const Spec& spec) const = 0;

  /// Pure. Called only for a spec without problems; resources come in any order.
  virtual Result<Expansion> expand(const Spec& spec, const ExpandOptions& options) const = 0;

  /// Before a plan: tools, privileges, kernel features, credentials. Returns warnings, one line each.
  /// Errors: invalid_input or denied, with a hint that names the package, command or variable.
  virtual Result<std::vector<std::string>> preflight(const Spec& spec, const Context& context) = 0;

  /// What stands against making these, as the provider knows it now: an unknown type or image, one that is sold out,
  /// too much to tell a machine at its first boot. Inputs are as in a plan; other providers' resources are left out.
  /// Default: nothing. Errors: invalid_input, exhausted; the hint names what could be had instead.
  virtual Result<void> check_orders(std::span<const Resource> made, const Context& context);

  /// What these cost, by their inputs; resources of other providers are left out. Blocks for one request at most.
  /// Default: nothing costs anything.
  virtual Result<Prices> prices(std::span<const Resource> resources, const Context& context);

  /// Why ESP (IP protocol 50), which encrypted overlay networks are made of, does not pass between its machines.
  /// Default:
  /// "", it passes.
  virtual std::string why_no_esp() const { return {}; }
};

/// What a plan means for what runs on the nodes.
struct Impact {
  std::vector<std::string> refusals = {};  // one line each: why it is refused unless the user allows it
  std::vector<std::string> warnings = {};
};

/// How the swarm itself is, in the eyes of two of its managers.
struct SwarmCondition {
  std::size_t services = 0;                // that count: no jobs, none that its owner told us to ignore
  std::vector<std::string> problems = {};  // one line each: "shop_web (1 of 2: no suitable node)"
};

/// How nodes become host resources (engine, swarm membership); implemented in provisioners/, which planner/ must not
/// include.
class HostKinds {
 public:
  virtual ~HostKinds() = default;
  virtual std::vector<Driver*> drivers() = 0;
  /// The driver to use for machines in place of this one of a provider, if an update of it can disturb their nodes; it
  /// lives as long as this. Default: the same.
  virtual Driver& around(Driver& machine) { return machine; }
  /// Adds to a machine what its driver from around() must know. Called only for such. Default: nothing.
  virtual void prepare(const Spec&, Resource&) const {}
  virtual std::vector<Problem> check(const Spec& spec) const = 0;
  virtual Result<std::vector<Resource>> expand(const Spec& spec,
                                               const std::map<std::string, Machine>& machines) const = 0;
  /// Nothing: no manager is on record. What cannot be seen is a problem. Blocks for a few requests to two managers.
  /// Default: nothing. Errors: cancelled.
  virtual Result<std::optional<SwarmCondition>> condition(const State&, const Context&) {
    return std::optional<SwarmCondition>();
  }
  /// What the plan means for the services that run, by what the swarm says now. Only a swarm that cannot be asked is a
  /// warning. Blocks for a few requests to one manager. Default: nothing. Errors: cancelled.
  virtual Result<Impact> impact(const Plan&, const State&, const Spec&, const Context&) { return Impact{}; }
  /// The names of the swarm's encrypted overlay networks; none where no manager answers within 10 s. Default:
  /// none. Errors: cancelled.
  virtual Result<std::vector<std::string>> encrypted_networks(const State&, const Context&) {
    return std::vector<std::string>();
  }
};

}  // namespace skep
