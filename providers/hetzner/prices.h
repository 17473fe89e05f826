// What resources cost a month, by the provider's price list. Pure.
#pragma once

#include <span>

#include "planner/base/json.h"
#include "planner/engine/provider.h"

namespace skep::hetzner {

/// `list`: the member "pricing" of GET /pricing. Net prices; a server's own IPv4 address is part of its price. Kinds
/// that cost nothing are left out; what should have a price and has none is `unknown`.
Prices prices_of(const Json& list, std::span<const Resource> resources);

}  // namespace skep::hetzner
