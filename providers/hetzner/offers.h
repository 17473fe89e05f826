// What is for sale: so that an order that cannot be filled is answered with what could be.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "providers/hetzner/cloud.h"

namespace skep::hetzner {

/// One combination of a type and a place that is tried.
struct Choice {
  std::string type;
  std::string location;
};

/// What a server's inputs allow, in the order in which it is tried: all types in the first location, then the next.
std::vector<Choice> choices_of(const Attributes& inputs);

/// Compares these servers with the provider's catalogue, in two requests; in none when there is no server among them.
/// An order can be filled when one of its choices can. Errors: invalid_input (an unknown type or image; a type that is
/// not sold there), exhausted (sold out), all that is wrong in one message, each pool once.
Result<void> check_servers(Cloud& cloud, std::span<const Resource> made, const Context& context);

/// `error`, with what its locations offer instead as its hint, when it is about what was ordered.
Error with_offers(Cloud& cloud, Error error, const Attributes& inputs, const Context& context);

}  // namespace skep::hetzner
