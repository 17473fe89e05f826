// From a spec to resources, as far as clouds do it alike. Pure.
#pragma once

#include <string>
#include <vector>

#include "planner/engine/provider.h"
#include "providers/cloud/kind.h"

namespace skep::cloud {

Json reference(const ResourceId& id);

/// All that a pool names, the first one first.
std::vector<std::string> locations_of(const PoolSpec& pool);
std::vector<std::string> types_of(const PoolSpec& pool);

/// One value, or a choice that the planner makes by what exists.
Json choice_of(const std::vector<std::string>& values);

/// Makes the resources of one provider for one cluster.
struct Maker {
  const Spec& spec;
  std::string provider;

  Resource make(const std::string& kind, const std::string& name, Json inputs) const;
  /// An ssh_key for each that logs in.
  std::vector<Resource> keys(const ExpandOptions& options) const;
  /// On one node of the pool.
  Resource floating_ip(const std::string& name, const PoolSpec& pool) const;
  /// Those that lead to a floating IP or a load balancer of this provider.
  std::vector<Resource> dns_records() const;
  /// The inputs that a server has at every cloud; its volumes are the machine's.
  Resource server(const PoolSpec& pool, const NodeSpec& node, const Machine& machine, const std::vector<Resource>& keys,
                  const ExpandOptions& options) const;
  /// What the node's machine is whatever the cloud; its volumes are added by the caller.
  Machine machine(const PoolSpec& pool, const NodeSpec& node) const;
};

/// {port, to, protocol}, and the certificate of those that have one; sorted.
std::vector<Json> listen_of(const LoadBalancerSpec& balancer);

/// {path, interval, timeout, retries}, in seconds; an empty path: a connection is enough.
Json health_check_of(const LoadBalancerSpec& balancer);

std::uint64_t size_gb_of(const VolumeSpec& volume);

}  // namespace skep::cloud
