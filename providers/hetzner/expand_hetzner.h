// From a spec to resources at Hetzner Cloud. Pure.
#pragma once

#include "planner/engine/provider.h"

namespace skep::hetzner {

inline constexpr const char* usual_image = "debian-12";

/// Network and firewall (named hetzner, so that two clouds can stand in one spec), a key for each that logs in,
/// placement groups of ten for pools that spread, and for each node its volumes and its server; floating IPs and load
/// balancers of pools that are here.
Expansion expand_hetzner(const Spec& spec, const ExpandOptions& options);

}  // namespace skep::hetzner
