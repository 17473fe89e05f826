// Swarm's scheduler, as far as it says where a service may run: its filters over the nodes that are there. Pure.
// After swarmkit: manager/scheduler/filter.go, manager/constraint/constraint.go.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "planner/base/json.h"

namespace skep {

struct Reservation {
  std::int64_t nano_cpus = 0;
  std::int64_t memory_bytes = 0;
};

/// A node as the scheduler sees it.
struct TaskNode {
  std::string id;
  std::string hostname = {};
  std::string role = {};
  std::string address = {};
  std::string os = {};
  std::string architecture = {};
  bool is_ready = false;
  bool takes_tasks = false;  // availability "active"
  Reservation total = {};
  std::map<std::string, std::string> labels = {};
  std::map<std::string, std::string> engine_labels = {};
  std::set<std::string> volume_plugins = {};
};

using HostPort = std::pair<std::string, std::int64_t>;  // "tcp", 80

/// A service as the scheduler sees it.
struct Workload {
  std::string id;
  std::string name = {};
  bool is_global = false;
  bool is_job = false;
  std::int64_t replicas = 0;
  std::int64_t most_per_node = 0;  // 0: any number
  Reservation needs = {};
  std::vector<std::string> constraints = {};
  std::vector<std::pair<std::string, std::string>> platforms = {};  // os, architecture; empty: any
  std::set<HostPort> host_ports = {};
  std::set<std::string> volume_plugins = {};
  std::vector<std::string> local_data = {};  // named volumes and folders of the node that hold its data
};

/// A task that is wanted to run.
struct Placed {
  std::string service;
  std::string node;  // empty: nowhere yet
};

struct SwarmPicture {
  std::vector<TaskNode> places;
  std::vector<Workload> workloads;
  std::vector<Placed> tasks;
};

/// Out of the engine's GET /nodes, GET /services and GET /tasks (those wanted to run). What cannot be read is left out.
SwarmPicture picture_of(const Json& nodes, const Json& services, const Json& tasks);

/// Why the node is not for the service, whatever runs there; empty: it is. "node.labels.tier==web"
std::string objection(const Workload& workload, const TaskNode& place);

/// How many more tasks of the service the node takes, beside those in `there`. 0 also when it is not for the service.
std::int64_t room_for(const Workload& workload, const TaskNode& place, const std::vector<Placed>& there,
                      const SwarmPicture& picture);

}  // namespace skep
