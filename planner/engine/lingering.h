// Lists that let go of a thing only when it is gone: a firewall admits a node until it has left. Pure.
#pragma once

#include "planner/engine/catalog.h"
#include "planner/model/plan.h"
#include "planner/model/state.h"

namespace skep {

/// Where an update shortens a list that keeps what goes (see Field::keeps_what_goes) by things that this plan destroys,
/// the update leaves them in, and a second one after their end takes them out. `plan` is ordered already; it stays so.
void let_linger(Plan& plan, const State& state, const Schemas& schemas);

}  // namespace skep
