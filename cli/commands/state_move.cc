#include "cli/commands/state_move.h"

#include <algorithm>

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
constexpr const char* migration = "state migrate";

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

/// Whether it was brought there before and has not changed since: a migration was cut off before it could mark the old
/// place.
bool was_brought(const State& given, const State& present, const std::vector<HistoryEntry>& history_there) {
  if (present.lineage != given.lineage || present.serial < given.serial) return false;
  return std::ranges::any_of(history_there, [&](const HistoryEntry& entry) {
    return entry.operation == migration && entry.outcome == "done" && entry.serial_after == given.serial;
  });
}

/// Whether something was done to the state there of which the given one's history does not know.
bool went_on_alone(const std::vector<HistoryEntry>& history_there, const std::vector<HistoryEntry>& history_here) {
  const auto newest = std::ranges::find_if(history_there, [](const HistoryEntry& entry) {
    return entry.operation != migration && entry.operation != moved_away;
  });
  return newest != history_there.end() && std::ranges::none_of(history_here, [&](const HistoryEntry& entry) {
           return entry.started == newest->started && entry.operation == newest->operation &&
                  entry.host == newest->host && entry.summary == newest->summary;
         });
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

/// Copies, reads back, and only then marks the old place: cut off anywhere, at least one of both can be used, and the
/// same command goes on.
Result<int> bring(const ClusterPaths& paths, Store& from, const std::string& from_name, Store& to,
                  const StatePlace& target, bool is_forced, Outside& outside) {
  const std::string to_name = place_name(target, outside);
  if (TRY(from.moved_to()) == to_name) {
    outside.out << "the state is where the spec says already\n";
    return exit_done;
  }
  State state = TRY(from.load());
  state.newer_serial = 0;
  if (state.serial == 0) return Error{ErrorCode::not_found, "nothing was ever written to the state to be brought here"};
  const State present = TRY(to.load_even_if_moved());
  const std::string went_on_at = TRY(to.moved_to());
  const auto history_there = TRY(to.history());
  const auto history_here = TRY(whole_history(from));
  const HistoryEntry entry = entry_now(migration, paths, present, state, outside);
  if (is_forced || !went_on_at.empty() || !was_brought(state, present, history_there)) {
    if (!is_forced) TRY(check_replaceable(present, state));
    if (!is_forced && !went_on_at.empty() && went_on_at != from_name)
      return not_replaceable("it went on at another place (" + went_on_at + ")");
    if (!is_forced && went_on_alone(history_there, history_here))
      return not_replaceable("something was done there that the given one does not know of");
    TRY(replace_checked(to, target, state, history_here, entry, outside));
  }
  TRY(from.mark_moved(entry, to_name).doing("mark the old place, so that nobody goes on there"));
  outside.out << "state " << state.serial << " is where the spec says, with "
              << count_of(state.records.size(), "resource") << "; whoever still names the old place is told so\n";
  return exit_done;
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
  const auto from_lock = TRY(take_lock(*from, migration, invocation, outside));
  const auto to_lock = TRY(take_lock(*to, migration, invocation, outside));
  return bring(opened.paths, *from, place_name(source, outside), *to, target, invocation.flag("force"), outside);
}

}  // namespace skep
