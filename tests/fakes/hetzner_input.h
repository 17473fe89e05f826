// What the simulated Hetzner Cloud accepts: members of bodies, names, labels, selectors, addresses. Private to the
// simulation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "tests/fakes/cloud_addresses.h"

namespace skep::testing::hetzner {

/// `type`: string, integer, number, boolean, array, object, labels, id (a positive integer), name_or_id; with "?" it
/// may be null.
struct Member {
  std::string name;
  std::string type;
  bool required = false;
};

/// The body without members that are null. Fails with 422 and all that is wrong: unknown members (the service would
/// ignore them; here a misspelt one is found), missing ones, wrong types.
Json checked(const Json& body, const std::vector<Member>& members);
/// The same for an object inside a body.
Json checked_in(const std::string& where, const Json& object, const std::vector<Member>& members);

void check_labels(const Json& labels);
void check_host_name(const std::string& name);  // RFC 1123
void check_name(const std::string& name);       // 1 to 64 characters (load balancers 128), no blanks at the ends
bool matches_selector(const Json& labels, const std::string& selector);  // 422 when it cannot be read
void check_selector(const std::string& selector);

using cloud::Cidr;
using cloud::parse_cidr;
using cloud::parse_ipv4;

}  // namespace skep::testing::hetzner
