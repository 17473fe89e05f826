// What the simulated DigitalOcean offers: regions, sizes, images. Private to the simulation. The prices are of the
// right size, not the provider's.
#pragma once

#include <string>
#include <vector>

#include "planner/base/json.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

/// Null when there is none.
Json region(const World& world, const std::string& slug);
std::vector<Json> regions(const World& world);
/// 422 when there is none, or it is closed.
Json region_wanted(const World& world, const std::string& slug);

/// Null when there is none. `regions` are those where it is for sale now.
Json size(const World& world, const std::string& slug);
std::vector<Json> sizes(const World& world);

const std::vector<Json>& public_images();

}  // namespace skep::testing::digitalocean
