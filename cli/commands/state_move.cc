#include "cli/commands/state_move.h"

#include "cli/commands/cluster.h"
#include "cli/commands/locking.h"
#include "cli/commands/origin.h"
#include "cli/commands/state_place.h"
#include "cli/exit_code.h"
#include "planner/base/text.h"
#include "planner/store/snapshot.h"

namespace skep {

namespace {

constexpr std::size_t state_limit_bytes = 256U << 20;

Error not_replaceable(const std::string& why) {
  return {ErrorCode::refused, "the state that is there stays: " + why, "--force puts the given one in its place"};
}

Result<void> check_replaceable(const State& present, const State& given) {
  const bool is_empty = present.serial == 0 && present.records.empty() && present.open.empty();
  if (is_empty) return {};
  if (present.lineage != given.lineage)
    return not_replaceable("it is another one (lineage " + present.lineage + ", given " + given.lineage + ")");
  if (present.serial > given.serial)
    return not_replaceable("it is newer (serial " + std::to_string(present.serial) + ", given " +
                           std::to_string(given.serial) + ")");
  if (present.serial == given.serial && snapshot_json(present) != snapshot_json(given))
    return not_replaceable("it has the same serial " + std::to_string(given.serial) + " and other content");
  return {};
}

/// Replaces the state of `place`, which `store` has locked, and reads it back.
Result<void> replace_checked(Store& store, const StatePlace& place, const State& state,
                             std::vector<HistoryEntry> history, const HistoryEntry& entry, Outside& outside) {
  history.insert(history.begin(), entry);
  history.front().id = history.size() > 1 ? history[1].id + 1 : 1;
  TRY(store.replace(state, history));
  const auto reading = TRY(outside.open_store(place, StateUse::read));
  const State stored = TRY(reading->load());
  if (snapshot_json(stored) == snapshot_json(state)) return {};
  return Error{ErrorCode::conflict, "what is read back is not what was written",
               "look at who else writes there: skep state history"};
}

HistoryEntry entry_now(const std::string& operation, const ClusterPaths& paths, const State& before, const State& after,
                       Outside& outside) {
  HistoryEntry entry = entry_begun(operation, paths.spec_folder, before.serial, outside);
  entry.ended = outside.clock.wall();
  entry.summary = count_of(after.records.size(), "resource") + " on record";
  entry.outcome = "done";
  entry.serial_after = after.serial;
  return entry;
}

/// All of it with steps, newest first.
Result<std::vector<HistoryEntry>> whole_history(Store& store) {
  auto entries = TRY(store.history());
  for (auto& entry : entries) {
    if (entry.step_count > 0) entry.steps = TRY(store.history_entry(entry.id)).steps;
  }
  return entries;
}

}  // namespace

Result<int> state_push_command(const Invocation& invocation, Outside& outside) {
  const std::string file = invocation.argument("FILE");
  const SpecAndPaths opened = TRY(open_spec(invocation, outside));
  const std::string text = TRY(outside.files.read(file, state_limit_bytes));
  const State given = TRY(state_of_snapshot(TRY(parse_json(text, file)), file));
  TRY(make_state_folder(opened.paths, outside));
  const auto store = TRY(outside.open_store(opened.paths.state, StateUse::write));
  const auto lock = TRY(take_lock(*store, "state push", invocation, outside));
  const State present = TRY(store->load());
  if (!invocation.flag("force")) TRY(check_replaceable(present, given));
  TRY(replace_checked(*store, opened.paths.state, given, TRY(whole_history(*store)),
                      entry_now("state push", opened.paths, present, given, outside), outside));
  outside.out << "state " << given.serial << " is in its place, with " << count_of(given.records.size(), "resource")
              << "\n";
  return exit_done;
}

Result<int> state_migrate_command(const Invocation& invocation, Outside& outside) {
  const SpecAndPaths opened = TRY(open_spec(invocation, outside));
  const StatePlace& target = opened.paths.state;
  Spec old_spec = opened.spec;
  old_spec.state.address = invocation.text("from-address");
  const StatePlace source = TRY(state_place_at(invocation.text("from"), old_spec, target.file, outside));
  if (source.is_local() && target.is_local()) {
    return Error{ErrorCode::invalid_input, "the spec says that the state is local: there is nowhere to bring it",
                 "write the new place into the spec first, as in: state: {backend: http}"};
  }
  if (source.is_local() && !outside.files.exists(source.file))
    return Error{ErrorCode::not_found, "there is no state at " + source.file};
  TRY(make_state_folder(opened.paths, outside));
  const auto from = TRY(outside.open_store(source, StateUse::write));
  const auto to = TRY(outside.open_store(target, StateUse::write));
  const auto from_lock = TRY(take_lock(*from, "state migrate", invocation, outside));
  const auto to_lock = TRY(take_lock(*to, "state migrate", invocation, outside));
  State state = TRY(from->load());
  state.newer_serial = 0;
  if (state.serial == 0) return Error{ErrorCode::not_found, "nothing was ever written to the state to be brought here"};
  const State present = TRY(to->load());
  if (!invocation.flag("force")) TRY(check_replaceable(present, state));
  TRY(replace_checked(*to, target, state, TRY(whole_history(*from)),
                      entry_now("state migrate", opened.paths, present, state, outside), outside));
  outside.out << "state " << state.serial << " is where the spec says, with "
              << count_of(state.records.size(), "resource") << "; the old place keeps a copy that nobody should use\n";
  return exit_done;
}

}  // namespace skep
