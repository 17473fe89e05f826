// What is wrong with the part of a spec that asks for Hetzner Cloud, as far as it can be known offline. Pure.
#pragma once

#include <vector>

#include "planner/model/problem.h"
#include "planner/model/spec.h"

namespace skep::hetzner {

std::vector<Problem> check_hetzner(const Spec& spec);

}  // namespace skep::hetzner
