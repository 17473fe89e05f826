// What the simulated Hetzner Cloud sells: locations, server types, images, balancer types and their prices. Private to
// the simulation. The figures are of the right size, not the provider's.
#pragma once

#include <string>

#include "planner/base/json.h"

namespace skep::testing::hetzner {

const Json& locations();
const Json& server_types();
const Json& load_balancer_types();
Json system_images();
Json pricing();

/// By name or by id (a number, or a number as text); null when there is none.
Json catalog_entry(const Json& list, const Json& name_or_id);
bool is_sold_in(const Json& server_type, const std::string& location);

}  // namespace skep::testing::hetzner
