// The nodes of a cluster as the spec names them and the state knows them: how to reach each, and what it is.
#pragma once

#include <string>
#include <vector>

#include "planner/model/spec.h"
#include "planner/model/state.h"
#include "planner/system/ssh.h"

namespace skep {

struct NodeInfo {
  std::string name;
  std::string pool = {};  // empty: it is no longer in the spec
  std::string role = {};  // "manager", "worker"; empty: as above
  std::string provider = {};
  int generation = 0;  // of its machine; 0: there is none on record
  std::string machine_id = {};
  std::string address = {};
  std::string private_address = {};
  std::string power = {};
  std::string user = {};
  int port = 22;
  std::string host_key = {};
  std::string swarm_id = {};  // its node id in the swarm

  bool has_machine() const { return generation > 0; }
  Endpoint endpoint() const;
};

/// Every node of the spec, managers first, then by pool and natural name; then those that only the state knows.
std::vector<NodeInfo> nodes_of(const Spec& spec, const State& state);

struct FloatingIpInfo {
  std::string name;
  std::string pool = {};
  std::string address = {};
  std::string id = {};
  std::string node = {};  // where it is; empty: nowhere, or not known
};
std::vector<FloatingIpInfo> floating_ips_of(const Spec& spec, const State& state);

}  // namespace skep
