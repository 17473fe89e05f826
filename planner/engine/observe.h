// State against the world: what exists now, by one list call a listed kind and one find for each other record.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>

#include "planner/base/result.h"
#include "planner/engine/executor.h"
#include "planner/model/state.h"

namespace skep {

/// Whether nothing will be asked of the machine of a node but that it goes, or nothing at all.
using NodeTest = std::function<bool(const std::string& node)>;

/// Reads with the executor's read steps; writes nothing and needs no lock. `drivers`: the listed kinds that are asked
/// even when no record has them (those of the spec's providers). What cannot be read stays as recorded, with the reason
/// in `unread`. A record whose object is gone is dropped. Open intents are looked up like records. Errors: cancelled;
/// denied and invalid_input (a credential does not work: nothing else would either); refused (a host shows another key
/// than its pinned one: somebody may sit in between). A host that does not let us in while others do, or shows another
/// key and `is_let_be`, is unread like one that does not answer.
Result<State> observe(State state, Executor& executor, const Catalog& catalog, const std::string& cluster,
                      std::span<const std::string> drivers, std::stop_token stop, NodeTest is_let_be = {});

}  // namespace skep
