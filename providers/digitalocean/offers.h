// What is for sale: so that an order that cannot be filled is answered with what could be.
#pragma once

#include <span>

#include "providers/digitalocean/kinds.h"

namespace skep::digitalocean {

/// Compares these servers and this network with what the provider has, in four requests; in none when there are none
/// among them. Errors: invalid_input (an unknown region, size or image; a range that another VPC
/// overlaps), exhausted (a size that is not to be had there), all that is wrong in one message, each pool once.
Result<void> check_servers(Cloud& cloud, std::span<const Resource> made, const Context& context);

/// `error`, with what its regions offer instead as its hint, when it is about what was ordered.
Error with_offers(Cloud& cloud, Error error, const Attributes& inputs, const Context& context);

}  // namespace skep::digitalocean
