#include "cli/commands/swarm_commands.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/commands/fleet.h"
#include "cli/commands/operation.h"
#include "cli/commands/secret_input.h"
#include "cli/exit_code.h"
#include "planner/base/text.h"
#include "provisioners/look_at_all.h"
#include "provisioners/rotate.h"
#include "provisioners/unlock.h"

namespace skep {

namespace {

constexpr Duration patience_with_managers = std::chrono::seconds(10);

struct Unlocking {
  Member member;
  Result<bool> done = Error{ErrorCode::cancelled, "not tried"};
};

/// The key as the user keeps it; empty: there is no place for it.
Result<Secret> kept_key(const OpenFleet& opened, const Invocation& invocation, Outside& outside) {
  SecretPlace place = opened.cluster->spec.swarm.unlock_key;
  if (invocation.has("key")) place = TRY(secret_place_of("--key", invocation.text("key")));
  if (!place.is_given()) return Secret();
  return read_secret(place, "the unlock key", opened.cluster->paths.spec_folder, outside);
}

/// The key as managers tell it that are not locked; empty: none can.
Secret told_key(const Fleet& fleet, const std::vector<HostLook>& looks, const Context& context) {
  std::vector<Member> open;
  for (const auto& look : looks) {
    if (look.facts && look.facts->can_manage()) open.push_back(look.member);
  }
  if (open.empty()) return Secret();
  return Managers(fleet.tools(), open).unlock_key(context).value_or(Secret());
}

void report_unlocking(const std::vector<Unlocking>& all, const std::vector<HostLook>& looks,
                      const Invocation& invocation, Outside& outside) {
  Json unlocked = Json::array();
  Json failed = Json::array();
  for (const auto& one : all) {
    if (one.done.ok()) {
      unlocked.push_back(one.member.label());
    } else {
      failed.push_back({{"node", one.member.label()}, {"error", one.done.error().message}});
    }
  }
  Json unreachable = Json::array();
  for (const auto& look : looks) {
    if (!look.facts) unreachable.push_back({{"node", look.member.label()}, {"error", look.why}});
  }
  if (invocation.flag("json")) {
    outside.out << dump_json_pretty({{"format_version", "1.0"},
                                     {"type", "unlock"},
                                     {"unlocked", std::move(unlocked)},
                                     {"failed", std::move(failed)},
                                     {"unreachable", std::move(unreachable)}})
                << std::flush;
    return;
  }
  for (const auto& name : unlocked) outside.out << name.get<std::string>() << ": unlocked\n";
  if (all.empty()) outside.out << "no manager is locked\n";
  outside.out << std::flush;
  for (const auto& one : all) {
    if (one.done.ok()) continue;
    outside.err << "error: " << one.member.label() << ": " << one.done.error().message << "\n";
    if (!one.done.error().hint.empty()) outside.err << "hint: " << one.done.error().hint << "\n";
  }
  for (const auto& one : unreachable)
    outside.err << "warning: " << one["node"].get<std::string>()
                << " cannot be reached: " << one["error"].get<std::string>() << "\n";
  outside.err << std::flush;
}

/// Those of the arguments that change a secret whose new value the user must fetch.
std::string after_rotation(const std::string& what) {
  if (what == "unlock-key") {
    return "unlock-key: there is a new one; keep it: skep swarm unlock-key. A manager that was off needs the old one\n";
  }
  if (what == "ca") return "ca: every node has a certificate of the new one; the join tokens have changed with it\n";
  return what + ": there is a new one; members stay members, and skep reads it when a node joins\n";
}

}  // namespace

Result<int> swarm_unlock_command(const Invocation& invocation, Outside& outside) {
  const OpenFleet opened = TRY(open_fleet(invocation, outside));
  const auto& tools = opened.fleet->tools();
  const Context context = talking_context(std::chrono::minutes(5), invocation, outside);
  const auto managers = opened.fleet->managers();
  const auto looks = look_at_all(tools, managers, patience_with_managers, context);
  std::vector<Unlocking> all;
  for (const auto& look : looks) {
    if (look.facts && look.facts->swarm.state == "locked") all.push_back({.member = look.member});
  }
  if (!all.empty()) {
    const Secret kept = TRY(kept_key(opened, invocation, outside));
    const Secret told = told_key(*opened.fleet, looks, context);
    if (kept.empty() && told.empty()) {
      return Error{ErrorCode::invalid_input, "no manager that is not locked can tell the key, and none was given",
                   "say where you keep it: --key env:NAME, --key file:PATH, or swarm.unlock_key in the spec"};
    }
    // All at once: a manager is only back when most of them are.
    for_all(all.size(), [&](std::size_t i) {
      all[i].done = unlock_if_locked(tools, all[i].member, kept.empty() ? told : kept, context);
      const bool is_other_key = !all[i].done.ok() && all[i].done.error().code == ErrorCode::invalid_input;
      if (is_other_key && !kept.empty() && !told.empty())
        all[i].done = unlock_if_locked(tools, all[i].member, told, context);
    });
  }
  report_unlocking(all, looks, invocation, outside);
  const bool is_failed = std::ranges::any_of(all, [](const Unlocking& one) { return !one.done.ok(); });
  return is_failed ? exit_error : exit_done;
}

Result<int> swarm_unlock_key_command(const Invocation& invocation, Outside& outside) {
  const OpenFleet opened = TRY(open_fleet(invocation, outside));
  const Context context = talking_context(std::chrono::minutes(1), invocation, outside);
  const Secret key = TRY(Managers(opened.fleet->tools(), opened.fleet->managers()).unlock_key(context));
  if (key.empty()) {
    return Error{ErrorCode::not_found, "the managers do not lock: there is no unlock key",
                 "to have them lock: swarm: {autolock: true} in the spec, and skep apply"};
  }
  if (invocation.flag("json")) {
    outside.out << dump_json({{"format_version", "1.0"}, {"type", "unlock_key"}, {"unlock_key", key.reveal()}}) << "\n";
  } else {
    outside.out << key.reveal() << "\n";
  }
  outside.out << std::flush;
  return exit_done;
}

Result<int> swarm_rotate_command(const Invocation& invocation, Outside& outside) {
  const auto whats = invocation.all("WHAT");
  Operation operation = TRY(open_operation("rotate", invocation, outside));
  const Fleet fleet(*operation.cluster, operation.stored, outside.clock);
  const Managers managers(fleet.tools(), fleet.managers());
  const Context context = talking_context(std::chrono::minutes(20), invocation, outside);
  const HistoryEntry entry = TRY(operation.begin_history(outside));
  Result<void> outcome;
  std::vector<std::string> done;
  for (const auto& what : whats) {
    outcome = what == "ca" ? rotate_ca(fleet.tools(), managers, context) : rotate(managers, what, context);
    if (!outcome.ok()) {
      outcome = std::move(outcome).doing("rotate " + what);
      break;
    }
    done.push_back(what);
    if (!invocation.flag("json")) outside.out << after_rotation(what) << std::flush;
  }
  TRY(operation.end_history(entry, join(done, ", "), outcome, outside));
  if (invocation.flag("json")) {
    outside.out << dump_json_pretty({{"format_version", "1.0"}, {"type", "rotate"}, {"rotated", done}}) << std::flush;
  }
  TRY(outcome);
  return exit_done;
}

}  // namespace skep
