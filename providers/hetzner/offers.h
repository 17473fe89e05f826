// What is for sale: so that an order that cannot be filled is answered with what could be.
#pragma once

#include <string>
#include <vector>

#include "providers/hetzner/cloud.h"

namespace skep::hetzner {

/// A pool's order, as far as the catalogue can judge it.
struct Order {
  std::string pool;
  std::string type;
  std::string location;
  std::string image;
};

/// Compares the orders with the provider's catalogue, in two requests. Errors: invalid_input (an unknown type or image;
/// a type that is not sold there), exhausted (sold out there), all orders that are wrong in one message.
Result<void> check_orders(Cloud& cloud, const std::vector<Order>& orders, const Context& context);

/// `error`, with what the location offers instead as its hint, when it is about what was ordered.
Error with_offers(Cloud& cloud, Error error, const Attributes& inputs, const Context& context);

}  // namespace skep::hetzner
