// What is for sale: so that an order that cannot be filled is answered with what could be.
#pragma once

#include <span>

#include "providers/hetzner/kinds.h"

namespace skep::hetzner {

/// Compares these servers with the provider's catalogue, in two requests; in none when there is no server among them.
/// An order can be filled when one of its choices can. Errors: invalid_input (an unknown type or image; a type that is
/// not sold there), exhausted (sold out), all that is wrong in one message, each pool once.
Result<void> check_servers(Cloud& cloud, std::span<const Resource> made, const Context& context);

/// `error`, with what its locations offer instead as its hint, when it is about what was ordered.
Error with_offers(Cloud& cloud, Error error, const Attributes& inputs, const Context& context);

}  // namespace skep::hetzner
