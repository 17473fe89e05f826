#include "planner/store/replay.h"

#include <algorithm>
#include <cassert>

namespace skep {

namespace {

const ResourceId& id_of(const Intent& intent) { return intent.resource.id; }

void close_intent(State& state, const ResourceId& id) {
  const auto found = std::ranges::lower_bound(state.open, id, {}, id_of);
  if (found != state.open.end() && id_of(*found) == id) state.open.erase(found);
}

void replay_one(State& state, const Begin& begin) {
  close_intent(state, begin.resource.id);
  const auto place = std::ranges::lower_bound(state.open, begin.resource.id, {}, id_of);
  state.open.insert(place, Intent{begin.action, begin.resource});
}

void replay_one(State& state, const Finish& finish) {
  assert(!finish.record || finish.record->resource.id == finish.id);
  close_intent(state, finish.id);
  const auto found = state.records.find(finish.id);
  const bool is_known = found != state.records.end();
  if (!finish.record && is_known) {
    state.records.erase(found);
    ++state.serial;
  } else if (finish.record && !(is_known && found->second == *finish.record)) {
    state.records.insert_or_assign(finish.id, *finish.record);
    ++state.serial;
  }
}

void replay_one(State& state, const Abandon& abandon) { close_intent(state, abandon.id); }

}  // namespace

void replay(std::span<const Entry> entries, State& state) {
  for (const auto& entry : entries) {
    std::visit([&](const auto& one) { replay_one(state, one); }, entry);
  }
}

}  // namespace skep
