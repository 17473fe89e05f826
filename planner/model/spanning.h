// Whether a cluster lies at one provider or at several: then there is no network that all its nodes share, and the
// swarm's own traffic goes from one public address to another. Pure.
#pragma once

#include "planner/model/spec.h"
#include "planner/model/state.h"

namespace skep {

/// Its pools name more than one provider, whether they have nodes or not: growing from nothing moves no address.
bool spans_providers(const Spec& spec);

/// Whether the members that there are keep their addresses with this spec: a member of a swarm has one for good.
/// Errors: refused (they would change, since the cluster begins or ceases to span providers).
Result<void> check_span(const Spec& spec, const State& state);

}  // namespace skep
