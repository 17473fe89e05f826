// The fields of a kind: what they are, what a change of each means. Drives checking, diff and the manual.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "planner/model/resource.h"

namespace skep {

/// What happens when a wanted value differs from the one that exists.
enum class OnChange {
  update,     // in place, nobody notices
  disrupt,    // in place, but the node is out of service meanwhile: drained first, pool limits apply
  replace,    // a new generation of the resource, and of its node if it belongs to one
  next_time,  // shown only: takes effect when the resource is replaced for another reason
  grows,      // in place, and only upwards (a number, or an IPv4 range): less is refused by the plan
  fixed,      // never, as long as the thing exists: refused by the plan
  ignore,     // how to reach the thing, not what it is: never a change
};

struct Field {
  std::string name;
  OnChange on_change = OnChange::update;
  bool required = false;
  bool secret = false;
  std::string doc = {};          // one sentence
  bool keeps_what_goes = false;  // a list of references: what it named and is destroyed stays until it is gone
};

struct Schema {
  std::string driver;               // "local.server"
  std::string doc;                  // one sentence: what the kind is
  std::vector<Field> inputs = {};   // every key that `inputs` may hold
  std::vector<Field> outputs = {};  // further fields the object reports (name and doc)
  bool listed = false;              // list() finds all we own; observe() then needs no find() for each
  bool prepares_update = false;     // prepare_update() does something: all nodes are prepared before one is disturbed
  bool holds_data = false;          // destroying it loses data: the plan says so
  /// Kinds of which a thing comes into being with this one, on the node that it reports as `manager` (node,
  /// generation): with the result of its creation they are written down as begun.
  std::vector<std::string> brings_along = {};
  std::chrono::milliseconds timeout_create = std::chrono::minutes(10);
  std::chrono::milliseconds timeout_update = std::chrono::minutes(10);
  std::chrono::milliseconds timeout_destroy = std::chrono::minutes(10);
  std::chrono::milliseconds timeout_read = std::chrono::seconds(60);

  const Field* input(std::string_view name) const;  // nullptr when there is none
};

/// Every input is known and every required one present. Errors: internal (names driver, resource and field): expand()
/// has a bug.
Result<void> check_inputs(const Resource& resource, const Schema& schema);

}  // namespace skep
