// What exists, or was begun, and is wanted no longer: the destroying half of a draft. Pure.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/engine/draft.h"
#include "planner/engine/wanted_graph.h"

namespace skep {

/// One item for each record, intent and labelled object that `graph` does not want; `items` are those it wants, by
/// position, already decided. What must stay for now is left out and said in `warnings`.
/// Errors: invalid_input (made by a driver that this skep does not have).
Result<std::vector<Item>> unwanted_items(const WantedGraph& graph, std::span<const Item> items, const State& state,
                                         const Schemas& schemas, std::set<std::string>& warnings);

}  // namespace skep
