// Whether a cluster lies at one provider or at several: then there is no network that all its nodes share, and the
// swarm's own traffic goes from one public address to another. Pure.
#pragma once

#include "planner/model/spec.h"

namespace skep {

/// Its pools name more than one provider, whether they have nodes or not: growing from nothing moves no address.
bool spans_providers(const Spec& spec);

}  // namespace skep
