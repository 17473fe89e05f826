// What provider `local` cannot do with a spec, said before anything happens. Pure.
#pragma once

#include <vector>

#include "planner/model/problem.h"
#include "planner/model/spec.h"

namespace skep {

std::vector<Problem> check_local(const Spec& spec);

}  // namespace skep
