// What people had trouble with in versions of the engine, and between versions, before it happens here. Pure.
#pragma once

#include <string>
#include <vector>

#include "planner/model/plan.h"
#include "planner/model/state.h"

namespace skep {

/// An engine that a plan installs, or takes from one version to another. Versions as in upstream_version(), or a series
/// ("29"), or empty: whatever there is.
struct EngineMove {
  std::string node;
  std::string from;  // empty: newly installed
  std::string to;
  std::string daemon = {};  // the wanted keys of daemon.json, as JSON text
};
std::vector<EngineMove> engine_moves(const Plan& plan, const State& state);

/// One line for each thing to know, with its source in brackets. `staying`: versions of engines that are left as they
/// are. A series whose patches differ in this is not warned of.
std::vector<std::string> engine_advisories(const std::vector<EngineMove>& moves,
                                           const std::vector<std::string>& staying);

/// Of a whole plan. Versions of engines that it does not touch come from the state.
std::vector<std::string> engine_advisories(const Plan& plan, const State& state);

}  // namespace skep
