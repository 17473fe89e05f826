// A cluster's condition on one screen: nodes, swarm, addresses, drift, and a verdict. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/render/nodes.h"
#include "cli/render/paint.h"
#include "cli/render/plan_text.h"
#include "planner/base/json.h"
#include "planner/engine/provider.h"
#include "planner/model/state.h"

namespace skep {

/// One node as it was seen just now; empty fields: not there, or could not be read.
struct NodeStatus {
  NodeInfo info;
  std::string engine = {};        // version
  std::string swarm_state = {};   // ready, down, ...
  std::string availability = {};  // active, pause, drain
  std::string manager = {};       // leader, reachable, unreachable; empty for workers
  std::string unread = {};        // why something of it could not be read

  /// What is wrong with it, one line; empty when it is well.
  std::string trouble() const;
};

struct ClusterStatus {
  PlanHeader header;
  std::vector<NodeStatus> nodes = {};
  std::vector<FloatingIpInfo> floating_ips = {};
  std::optional<SwarmCondition> swarm = {};  // nothing: no manager is known
  Plan plan = {};                            // what apply would do now: drift
  std::string plan_error = {};               // why that cannot be told

  bool is_healthy() const;
  bool has_drift() const { return !plan.empty() || !plan_error.empty(); }
};

/// From the spec and the observed state.
ClusterStatus cluster_status(const Spec& spec, const State& observed);

std::string status_text(const ClusterStatus& status, const Style& style);
Json status_json(const ClusterStatus& status);

/// "healthy: 3 of 3 nodes ready, 3 of 3 managers reachable", "degraded: ...".
std::string health_text(const ClusterStatus& status);

}  // namespace skep
