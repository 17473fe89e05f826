// What is wrong with the part of a spec that asks for DigitalOcean, as far as it can be known offline. Pure.
#pragma once

#include <vector>

#include "planner/model/problem.h"
#include "planner/model/spec.h"

namespace skep::digitalocean {

std::vector<Problem> check_digitalocean(const Spec& spec);

}  // namespace skep::digitalocean
