// What resources at DigitalOcean cost a month. Pure.
#pragma once

#include <span>
#include <vector>

#include "planner/engine/provider.h"

namespace skep::digitalocean {

/// By the answer to GET /sizes, in US dollars. The API knows no other prices: those of volumes and load balancers are
/// constants, see prices.cc. A reserved IP costs nothing while a droplet has it, which is always so here.
Prices prices_of(const std::vector<Json>& sizes, std::span<const Resource> resources);

}  // namespace skep::digitalocean
