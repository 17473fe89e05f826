// `skep ssh` and `skep run`: from what was typed to the nodes, the login and the functions that do it.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Errors: not_found (no such node, or it has no machine), those of open_spec(), of the state and of find_login().
Result<int> ssh_on_node(const Invocation& invocation, Outside& outside);
Result<int> run_on_nodes(const Invocation& invocation, Outside& outside);

}  // namespace skep
