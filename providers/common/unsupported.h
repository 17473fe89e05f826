// What providers without firewalls, load balancers and a choice of places say of specs that ask for them. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "planner/model/problem.h"
#include "planner/model/spec.h"

namespace skep {

/// A problem for each key that asks this provider for what only clouds have. A firewall is an error when all pools are
/// this provider's, else a warning that its machines stand outside of it.
std::vector<Problem> cloud_only_problems(const Spec& spec, std::string_view provider);

}  // namespace skep
