// What a node needs on its host, as resources: from the spec and the machines that the providers promise. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/engine/provider.h"

namespace skep {

/// The host resources of every node, and the one swarm. Machines without a pool in the spec are a bug (internal).
Result<std::vector<Resource>> expand_hosts(const Spec& spec, const std::map<std::string, Machine>& machines);

/// Adds to a machine what an update that disturbs its node must know (drained.h).
void prepare_machine(const Spec& spec, Resource& machine);

}  // namespace skep
