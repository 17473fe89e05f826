// How a plan goes over the nodes: in which waves, and about how long it takes.
#pragma once

#include <string>
#include <vector>

#include "planner/model/plan.h"

namespace skep {

/// Nodes that are replaced, or out of service for a while, in waves: those of one wave wait for none of each other.
/// Fewer than two such nodes: empty.
std::vector<std::vector<std::string>> waves_of(const Plan& plan);

/// The longest way through the plan, by what each kind of step usually takes: machines of clouds boot in 40 s, an
/// engine is installed in 40 s, a node is emptied and back in 30 s, and stays well for as long as the spec says. An
/// estimate: services that start slowly take longer.
std::chrono::seconds usual_duration(const Plan& plan);

}  // namespace skep
