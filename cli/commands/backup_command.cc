#include "cli/commands/backup_command.h"

#include <fmt/format.h>

#include "cli/commands/fleet.h"
#include "cli/commands/operation.h"
#include "cli/commands/secret_input.h"
#include "cli/exit_code.h"
#include "planner/base/passphrase_box.h"
#include "planner/base/text.h"
#include "provisioners/look_at_all.h"
#include "provisioners/swarm_backup.h"

namespace skep {

namespace {

constexpr const char* backup_key_variable = "SKEP_BACKUP_KEY";
constexpr std::size_t backup_bytes_most = std::size_t{4} << 30;

/// --key, else SKEP_BACKUP_KEY, else none: empty.
Result<Secret> backup_key(const Invocation& invocation, Outside& outside) {
  SecretPlace place;
  if (invocation.has("key")) {
    place = TRY(secret_place_of("--key", invocation.text("key")));
  } else if (!variable(outside, backup_key_variable).empty()) {
    place.env = backup_key_variable;
  }
  if (!place.is_given()) return Secret();
  return read_secret(place, "the passphrase of the backup", "", outside);
}

/// No engine stops for a file that could not be written.
Result<void> check_writable(const std::string& file, Outside& outside) {
  const std::string probe = file + ".skep-new";
  TRY(outside.files.write(probe, "", 0600));
  return outside.files.destroy(probe);
}

void report(const std::string& file, const HostLook& source, std::size_t bytes, bool is_encrypted,
            const Invocation& invocation, Outside& outside) {
  if (invocation.flag("json")) {
    outside.out << dump_json_pretty({{"format_version", "1.0"},
                                     {"type", "backup"},
                                     {"file", file},
                                     {"bytes", bytes},
                                     {"encrypted", is_encrypted},
                                     {"node", source.member.node},
                                     {"address", source.member.private_address},
                                     {"cluster_id", source.facts->swarm.cluster_id}});
  } else {
    outside.out << fmt::format("{}: the swarm as {} ({}) had it, {:.1f} MiB{}\n", file, source.member.label(),
                               source.member.private_address, static_cast<double>(bytes) / (1 << 20),
                               is_encrypted ? ", encrypted" : "");
    if (!is_encrypted) {
      outside.err << "warning: the file holds the keys of the swarm in the clear; give --key to encrypt it\n";
    }
    if (source.facts->swarm.autolock)
      outside.err << "note: to restore it you need the unlock key of today: skep swarm unlock-key\n";
  }
  outside.out << std::flush;
  outside.err << std::flush;
}

}  // namespace

Result<int> swarm_backup_command(const Invocation& invocation, Outside& outside) {
  const std::string file = invocation.argument("FILE");
  const Secret key = TRY(backup_key(invocation, outside));
  TRY(check_writable(file, outside));
  Operation operation = TRY(open_operation("backup", invocation, outside));
  const Fleet fleet(*operation.cluster, operation.stored, outside.clock);
  if (invocation.has("node")) TRY(fleet.named(invocation.text("node")));
  const auto managers = fleet.managers();
  const Context context = talking_context(std::chrono::hours(1), invocation, outside);
  const auto looks = look_at_all(fleet.tools(), managers, std::chrono::seconds(10), context);
  const HostLook source =
      TRY(backup_source(looks, {.node = invocation.text("node"), .allow_outage = invocation.flag("allow-outage")}));

  const HistoryEntry entry = TRY(operation.begin_history(outside));
  auto archive = take_backup(fleet.tools(), source, Managers(fleet.tools(), managers),
                             operation.cluster->spec.rollout.drain_timeout, context);
  auto content = archive.ok() && !key.empty() ? box(archive.value(), key) : std::move(archive);
  Result<void> outcome = content.ok() ? outside.files.write(file, content.value(), 0600) : content.error();
  TRY(operation.end_history(entry, "from " + source.member.label(), outcome, outside));
  TRY(std::move(outcome).doing("back up the swarm from " + source.member.label()));
  report(file, source, content.value().size(), !key.empty(), invocation, outside);
  return exit_done;
}

Result<int> swarm_unpack_command(const Invocation& invocation, Outside& outside) {
  const std::string file = invocation.argument("BACKUP");
  const std::string target = invocation.argument("FILE");
  const std::string boxed = TRY(outside.files.read(file, backup_bytes_most));
  if (!is_box(boxed)) {
    return Error{ErrorCode::invalid_input, file + " is not encrypted", "use it as it is: it is a tar archive"};
  }
  const Secret key = TRY(backup_key(invocation, outside));
  if (key.empty()) {
    return Error{ErrorCode::invalid_input, file + " is encrypted, and there is no passphrase",
                 fmt::format("give it with --key env:NAME or --key file:PATH, or in {}", backup_key_variable)};
  }
  TRY(outside.files.write(target, TRY(unbox(boxed, key).doing(file)), 0600));
  outside.out << target << ": a tar archive (gzip) of /var/lib/docker/swarm; it holds keys in the clear\n"
              << std::flush;
  return exit_done;
}

}  // namespace skep
