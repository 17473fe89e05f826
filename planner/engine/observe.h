// State against the world: what exists now, by one list call a listed kind and one find for each other record.
#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "planner/base/result.h"
#include "planner/engine/executor.h"
#include "planner/model/state.h"

namespace skep {

/// A host that shows another key than its pinned one is refused. That ends the observation, because somebody may sit in
/// between; `note` goes on and leaves it unread, for a cluster that is destroyed: its machine goes without being asked.
enum class OnRefusal { end, note };

/// Reads with the executor's read steps; writes nothing and needs no lock. `drivers`: the listed kinds that are asked
/// even when no record has them (those of the spec's providers). What cannot be read stays as recorded, with the reason
/// in `unread`. A record whose object is gone is dropped. Open intents are looked up like records. Errors: cancelled,
/// denied and invalid_input (a credential does not work: nothing else would either), refused.
Result<State> observe(State state, Executor& executor, const Catalog& catalog, const std::string& cluster,
                      std::span<const std::string> drivers, std::stop_token stop,
                      OnRefusal on_refusal = OnRefusal::end);

}  // namespace skep
