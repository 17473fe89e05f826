#include "cli/commands/state_command.h"

#include <algorithm>

#include "cli/commands/approval.h"
#include "cli/commands/cluster.h"
#include "cli/commands/planning.h"
#include "cli/exit_code.h"
#include "planner/base/text.h"
#include "planner/engine/patterns.h"
#include "planner/model/plan_json.h"
#include "planner/store/snapshot.h"

namespace skep {

namespace {

struct OpenedState {
  std::unique_ptr<Store> store;
  State state;
};

Result<OpenedState> open_state(const Invocation& invocation, Outside& outside) {
  const SpecAndPaths opened = TRY(open_spec(invocation, outside));
  auto store = TRY(outside.open_store(opened.paths.state, StateUse::read));
  State state = TRY(store->load());
  return OpenedState{std::move(store), std::move(state)};
}

bool is_wanted(const std::vector<std::string>& patterns, const ResourceId& id) {
  if (patterns.empty()) return true;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return pattern == id.kind || pattern == id.name || is_match(pattern, to_text(id));
  });
}

Json record_json(const ResourceId& id, const Record& record) {
  return {{"id", to_text(id)},
          {"driver", record.resource.driver},
          {"node", record.resource.node},
          {"remote_id", record.object.remote_id},
          {"attributes", record.object.attributes},
          {"inputs", record.applied}};
}

std::string holder_text(const Holder& holder, WallTime now) {
  std::string text = holder.user + " on " + holder.host + " (pid " + std::to_string(holder.pid) + "), " +
                     holder.operation + ", since " + age_text(holder.since, now);
  if (!holder.job_url.empty()) text += ", " + holder.job_url;
  return text;
}

}  // namespace

Result<int> state_list_command(const Invocation& invocation, Outside& outside) {
  const OpenedState opened = TRY(open_state(invocation, outside));
  const auto patterns = invocation.all("WHAT");
  Json list = Json::array();
  for (const auto& [id, record] : opened.state.records) {
    if (!is_wanted(patterns, id)) continue;
    if (invocation.flag("json")) {
      list.push_back({{"id", to_text(id)}, {"driver", record.resource.driver}, {"remote_id", record.object.remote_id}});
    } else {
      outside.out << to_text(id) << "\n";
    }
  }
  if (invocation.flag("json")) {
    outside.out << dump_json_pretty({{"format_version", "1.0"},
                                     {"type", "state_list"},
                                     {"serial", opened.state.serial},
                                     {"resources", std::move(list)}});
    return exit_done;
  }
  for (const auto& intent : opened.state.open) {
    outside.err << "began and never ended: " << step_action_name(intent.action) << " " << to_text(intent.resource.id)
                << " (the next apply looks it up and goes on)\n";
  }
  return exit_done;
}

Result<int> state_show_command(const Invocation& invocation, Outside& outside) {
  const OpenedState opened = TRY(open_state(invocation, outside));
  const std::string wanted = invocation.argument("ID");
  std::vector<std::string> ids;
  for (const auto& [id, record] : opened.state.records) {
    ids.push_back(to_text(id));
    if (ids.back() != wanted) continue;
    Json json = record_json(id, record);
    json["format_version"] = "1.0";
    json["type"] = "record";
    outside.out << dump_json_pretty(json);
    return exit_done;
  }
  const auto meant = closest(wanted, ids);
  return Error{ErrorCode::not_found, "the state has no record of '" + wanted + "'",
               meant ? "did you mean '" + *meant + "'?" : "skep state list prints them all"};
}

Result<int> state_pull_command(const Invocation& invocation, Outside& outside) {
  const OpenedState opened = TRY(open_state(invocation, outside));
  Json snapshot = snapshot_json(opened.state);
  snapshot["format_version"] = "1.0";
  snapshot["type"] = "state";
  outside.out << dump_json_pretty(snapshot);
  return exit_done;
}

Result<int> state_unlock_command(const Invocation& invocation, Outside& outside) {
  const SpecAndPaths opened = TRY(open_spec(invocation, outside));
  if (opened.paths.state.is_local() && !outside.files.exists(opened.paths.state.file)) {
    outside.out << "there is no state of " << opened.spec.name << " yet, and no lock\n";
    return exit_done;
  }
  const auto store = TRY(outside.open_store(opened.paths.state, StateUse::write));
  const auto holder = TRY(store->holder());
  if (!holder) {
    outside.out << "nobody holds the lock of " << opened.spec.name << "\n";
    return exit_done;
  }
  const std::string who = holder_text(*holder, outside.clock.wall());
  if (!invocation.flag("force")) {
    if (!outside.terminal.input_is_terminal()) {
      return Error{ErrorCode::invalid_input, "the lock is held by " + who + ", and there is no terminal to ask at",
                   "if that process is surely gone: skep state unlock --force"};
    }
    const std::string question = "The lock of " + opened.spec.name + " is held by " + who +
                                 ".\nTwo at once can ruin the cluster. Take the lock away?";
    if (!TRY(ask_for_yes(question, outside))) {
      return Error{ErrorCode::invalid_input, "unlock was not approved; nothing was done"};
    }
  }
  TRY(store->break_lock());
  outside.out << "took the lock away from " << who << "\n";
  return exit_done;
}

}  // namespace skep
