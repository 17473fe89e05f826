// Steps that a plan begins with, whatever else waits for what: updates are prepared, silent machines are fenced. Pure.
#pragma once

#include <vector>

#include "planner/engine/draft.h"
#include "planner/engine/make_plan.h"

namespace skep {

/// Marks machines that go although nothing on them answers, and that the swarm has given up, but that their provider
/// says are on: cut off, they may still run their containers. Such a machine is turned off before its node is taken off
/// the list. Only kinds whose schema has "power"; the others are left to their users, whom the step on the node tells
/// so.
void mark_fenced(Draft& draft, const State& state, const Schemas& schemas);

/// Puts at the front of the plan's steps
///  - the turning off of each marked machine; whatever else happens on it waits for that;
///  - a prepare step for each update that disturbs a node and whose schema says prepares_update. The updates that come
///    first wait for all of them, the others wait for those as before: where one cannot be prepared, none is tried.
/// `draft` holds the steps of its items, as order() noted them. Linear in the steps times the pools of nodes.
void put_ahead(Plan& plan, Draft& draft, const Schemas& schemas);

}  // namespace skep
