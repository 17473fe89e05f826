// References to what is gone, for destroying what was left behind. Pure.
#pragma once

#include <functional>
#include <set>
#include <span>

#include "planner/engine/draft.h"
#include "planner/model/refs.h"

namespace skep {

/// Replaces every $ref to something that does not exist by the value it had when it was applied last. A whole machine
/// that is gone is given as powered off: nothing runs there any more, and nothing there can be asked.
void use_last_known(Attributes& inputs, const Attributes& applied,
                    const std::function<bool(const ResourceId&)>& exists);

/// What would be replaced, and stays because it cannot be read, keeps all that it stands on, as recorded; not what
/// merely must come first on another node.
std::set<ResourceId> kept_by_unread(std::span<const Item> items, const State& state);

}  // namespace skep
