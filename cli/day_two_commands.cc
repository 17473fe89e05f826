#include "cli/day_two_commands.h"

namespace skep {

namespace {

OptionDoc lock_timeout() { return {"lock-timeout", 0, "DURATION", "how long to wait for the lock (default: 0s)"}; }

CommandDoc failover_command() {
  return {.name = "failover",
          .summary = "a floating IP to a healthy node, now",
          .description =
              "Looks at all nodes at once and moves the address to NODE, or to the best of its pool: one whose engine "
              "answers and that the managers see ready; whether the present holder answers makes no difference. The "
              "next plan leaves the address where it is.",
          .options = {lock_timeout()},
          .arguments = {{.name = "IP", .doc = "a floating IP of the spec", .required = true},
                        {.name = "NODE", .doc = "where to; without it the best is taken"}},
          .examples = {{"skep failover ingress", "away from its holder"},
                       {"skep failover ingress manager-2", "to this one"}}};
}

OptionDoc key_option(const std::string& doc) { return {"key", 0, "PLACE", doc}; }

CommandDoc backup_command() {
  return {
      .name = "backup",
      .summary = "the swarm's own state into a file",
      .description =
          "Takes a manager that does not lead, while the others keep a quorum: empties it, stops its engine, archives "
          "/var/lib/docker/swarm whole, starts the engine, unlocks it, and returns when the managers see it back. The "
          "file holds the swarm's keys: only you may read it, and with a passphrase it is encrypted.",
      .options = {key_option("where the passphrase is: env:NAME or file:PATH (default: SKEP_BACKUP_KEY, else none)"),
                  {"node", 0, "NODE", "from this manager (default: the one that runs least)"},
                  {"allow-outage", 0, "", "also where the swarm has no control meanwhile: one or two managers"},
                  lock_timeout()},
      .arguments = {{.name = "FILE", .doc = "where to; replaced in one go", .required = true, .is_file = true}},
      .examples = {{"skep swarm backup swarm.backup --key env:BACKUP_PASSPHRASE", ""},
                   {"skep swarm backup swarm.tar.gz --allow-outage", "of a single manager"}}};
}

CommandDoc unpack_command() {
  return {.name = "unpack",
          .summary = "the archive out of an encrypted backup",
          .options = {key_option("where the passphrase is: env:NAME or file:PATH (default: SKEP_BACKUP_KEY)")},
          .arguments = {{.name = "BACKUP", .doc = "a file of swarm backup", .required = true, .is_file = true},
                        {.name = "FILE", .doc = "the tar archive to write", .required = true, .is_file = true}},
          .examples = {{"skep swarm unpack swarm.backup swarm.tar.gz --key env:BACKUP_PASSPHRASE", ""}}};
}

CommandDoc rotate_command() {
  return {
      .name = "rotate",
      .summary = "new join tokens, unlock key or CA",
      .description =
          "What was before is of no use afterwards; nodes in the swarm stay in it. A new CA needs every node ready, "
          "is waited for, and changes the join tokens as well. Nothing secret is shown.",
      .options = {lock_timeout()},
      .arguments = {{.name = "WHAT",
                     .doc = "what to make anew; several, one after the other",
                     .required = true,
                     .repeated = true,
                     .choices = {"worker-token", "manager-token", "unlock-key", "ca"}}},
      .examples = {{"skep swarm rotate worker-token manager-token", "after somebody has seen them"},
                   {"skep swarm rotate ca", ""},
                   {"skep swarm rotate unlock-key && skep swarm unlock-key", "and the new key, to keep"}}};
}

CommandDoc swarm_command() {
  return {
      .name = "swarm",
      .summary = "the running swarm: backup, unlock, rotate",
      .examples = {{"skep swarm backup swarm.backup", ""}, {"skep swarm unlock", "after a reboot of managers"}},
      .commands = {
          backup_command(),
          unpack_command(),
          {.name = "unlock",
           .summary = "unlock all managers that are locked",
           .description =
               "With the key from --key or swarm.unlock_key in the spec; without one, a manager that is not locked "
               "tells it. It goes to the machines on stdin and is stored nowhere.",
           .options = {key_option("where the key is: env:NAME or file:PATH (default: swarm.unlock_key of the spec)")},
           .examples = {{"skep swarm unlock", ""}, {"skep swarm unlock --key env:SWARM_UNLOCK_KEY", ""}}},
          {.name = "unlock-key",
           .summary = "print the key that unlocks managers",
           .description = "As a manager tells it; skep keeps no copy. Keep it where swarm.unlock_key reads it.",
           .examples = {{"skep swarm unlock-key | pass insert -m shop/swarm", "into a password store"}}},
          rotate_command()}};
}

}  // namespace

std::vector<CommandDoc> day_two_commands() { return {failover_command(), swarm_command()}; }

}  // namespace skep
