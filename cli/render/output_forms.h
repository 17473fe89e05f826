// What other tools want to know of a cluster, in the forms they read. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/render/nodes.h"
#include "planner/base/json.h"

namespace skep {

struct ClusterOutput {
  std::string cluster;
  std::string swarm_id = {};
  std::string identity_file = {};  // for SSH; empty: the agent, or ssh's own default
  std::vector<NodeInfo> nodes = {};
  std::vector<FloatingIpInfo> floating_ips = {};
};

Json output_json(const ClusterOutput& output);

/// SKEP_NODE_WORKER_1_ADDRESS=..., SKEP_FLOATING_IP_INGRESS=...: names in upper case, other signs as _.
std::string output_dotenv(const ClusterOutput& output);

/// A Host block a node; the host key is pinned by KnownHostsCommand (OpenSSH 8.5 or newer).
std::string output_ssh_config(const ClusterOutput& output);

/// YAML for Ansible: groups by role and pool, host keys pinned.
std::string output_inventory(const ClusterOutput& output);

/// A shell line that makes a Docker context over SSH to the first manager; empty when there is none.
std::string output_docker_context(const ClusterOutput& output);

}  // namespace skep
