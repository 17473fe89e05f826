#include "cli/commands/loaded_state.h"

#include <algorithm>
#include <filesystem>

#include "planner/base/text.h"

namespace skep {

namespace {

namespace fs = std::filesystem;

/// The name that most kinds keep among their inputs; empty: nothing on record says it.
std::string cluster_of(const State& state) {
  for (const auto& [id, record] : state.records) {
    if (std::string name = json_string_or(record.resource.inputs, "cluster"); !name.empty()) return name;
  }
  for (const Intent& intent : state.open) {
    if (std::string name = json_string_or(intent.resource.inputs, "cluster"); !name.empty()) return name;
  }
  return {};
}

std::size_t machines_in(const State& state) {
  return static_cast<std::size_t>(
      std::ranges::count_if(state.records, [](const auto& entry) { return entry.first.kind == machine_kind; }));
}

}  // namespace

Result<State> load_state(Store& store, const StatePlace& place) {
  State state = TRY(store.load());
  const std::string found = cluster_of(state);
  if (found.empty() || found == place.cluster) return state;
  return Error{ErrorCode::refused,
               "the state is that of the cluster \"" + found + "\", and the spec's name is \"" + place.cluster + "\"",
               "put the old name back: a new name is a new cluster, with a state in another place, and " + found +
                   " stays as it is until `skep destroy` under its own name"};
}

std::vector<std::string> forgotten_clusters(const State& stored, const StatePlace& place, const Outside& outside) {
  std::vector<std::string> warnings;
  if (!place.is_local() || !stored.records.empty() || !stored.open.empty()) return warnings;
  const fs::path own = place.file;
  for (const auto& name : outside.files.list(own.parent_path().string()).value_or({})) {
    const fs::path file = own.parent_path() / name;
    if (file.extension() != own.extension() || file == own) continue;
    StatePlace beside = place;
    beside.cluster = file.stem().string();
    beside.file = file.string();
    const auto store = outside.open_store(beside, StateUse::read);
    const auto state = store.ok() ? store.value()->load() : Result<State>(store.error());
    if (!state.ok() || machines_in(state.value()) == 0) continue;  // whoever uses it is told what is wrong with it
    warnings.push_back(place.cluster + " is a new cluster; " + beside.cluster +
                       ", whose state lies beside it, keeps its " + count_of(machines_in(state.value()), "machine") +
                       ": if you meant to rename it, put the old name back");
  }
  return warnings;
}

}  // namespace skep
