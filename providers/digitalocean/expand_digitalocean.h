// From a spec to resources at DigitalOcean. Pure.
#pragma once

#include <string>

#include "planner/engine/provider.h"

namespace skep::digitalocean {

inline constexpr const char* usual_image = "debian-12-x64";

/// Tags of the cluster and its pools, VPC and firewall (named digitalocean, so that two clouds can stand in one spec),
/// a key for each that logs in, and for each node its volumes and its server; floating IPs and load balancers of pools
/// that are here.
Expansion expand_digitalocean(const Spec& spec, const ExpandOptions& options);

/// "debian-12" and "ubuntu-24.04" as the provider calls them; everything else stays as it is.
std::string image_slug(const std::string& image);

/// When the spec names no range: one of 64 within 172.24.0.0/14, by the cluster's name, since the ranges of an
/// account's VPCs may not overlap.
std::string usual_range(const std::string& cluster);

}  // namespace skep::digitalocean
