// What a plan means for the services that run: which would find no place, which are down for a while, whose data stays
// behind. Pure, but for the look at the swarm.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "planner/engine/provider.h"
#include "provisioners/managers.h"
#include "provisioners/scheduler.h"

namespace skep {

/// A node that a plan takes out of service.
struct Outage {
  enum class Kind {
    passing,   // its tasks move away, and it comes back
    replaced,  // another machine with its labels takes its place first
    removed,   // for good
  };
  std::string node_id;
  std::string node;  // "worker-2", for people
  Kind kind = Kind::passing;
};

/// By node name. What the swarm does not know, or what was drained before, is left out.
std::vector<Outage> outages_of(const Plan& plan, const State& state);

/// A node that stays and gets other labels: swarm stops at once what may not be there any more (swarmkit:
/// manager/orchestrator/constraintenforcer).
struct Relabelling {
  std::string node_id;
  std::string node;
  std::map<std::string, std::string> set = {};
  std::vector<std::string> gone = {};
};
std::vector<Relabelling> relabellings_of(const Plan& plan, const State& state);

/// What is stopped by other labels.
Impact impact_of(const std::vector<Relabelling>& relabellings, const SwarmPicture& picture,
                 const std::vector<std::string>& allowed);

/// `allowed`: names of services (with *) that may find no place or leave data behind; those only warn.
Impact impact_of(const std::vector<Outage>& outages, const SwarmPicture& picture,
                 const std::vector<std::string>& allowed);

/// The names of overlay networks that are encrypted, the ingress network among them; none where nobody answers
/// within 10 s. Errors: cancelled.
Result<std::vector<std::string>> encrypted_networks(const State& state, const HostTools& tools, const Context& context);

/// The whole of it: asks one manager of those on record. Errors: cancelled.
Result<Impact> look_at_impact(const Plan& plan, const State& state, const Spec& spec, const HostTools& tools,
                              const Context& context);

}  // namespace skep
