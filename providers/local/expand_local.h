// How a spec becomes resources of provider `local`. Pure.
#pragma once

#include "planner/engine/provider.h"

namespace skep {

Result<Expansion> expand_local(const Spec& spec, const ExpandOptions& options);

}  // namespace skep
