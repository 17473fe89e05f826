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

CommandDoc recover_command() {
  return {
      .name = "recover",
      .summary = "bring back a swarm that lost most of its managers for good",
      .description =
          "Shows what each manager's raft log knows, has you choose the one that goes on, and asks for the cluster's "
          "name. The others are fenced first: the engine of one that answers is stopped, one that does not is turned "
          "off by its provider; it refuses where one may still act. Then the chosen one makes a swarm of itself, with "
          "all services, secrets and workers, and the others are taken out of the old swarm one by one. Bring them "
          "back with: skep apply. First try to bring managers back, which loses nothing.",
      .options = {{"manager", 0, "NODE", "the manager that goes on"},
                  {"confirm", 0, "NAME", "the cluster's name, instead of being asked for it"},
                  {"off", 0, "NODE", "this one is off for good; you have made sure of it", true},
                  lock_timeout()},
      .examples = {{"skep recover", "asks"}, {"skep recover --manager manager-2 --confirm shop", "for scripts"}}};
}

CommandDoc verify_command() {
  return {.name = "verify",
          .summary = "whether the network carries what the swarm sends",
          .examples = {{"skep verify network", ""}},
          .commands = {
              {.name = "network",
               .summary = "packets of all sizes between all pairs of nodes",
               .description =
                   "Every node sends to every other one 64 bytes, 1400 bytes in one piece, and 64 KB (ICMP), over the "
                   "private "
                   "addresses, and between containers on an overlay network that is made for this and destroyed "
                   "afterwards. "
                   "The containers hold the hosts' own perl: nothing is pulled. A wrong MTU shows as small packets "
                   "that pass "
                   "and large ones that do not. Exits with 1 when anything does not pass; says what was not tested.",
               .options = {{"overlay", 0, "", "--overlay=false leaves the overlay network out (default: true)"},
                           {"encrypted", 0, "", "an encrypted overlay network as well"}},
               .examples = {{"skep verify network", ""},
                            {"skep verify network --encrypted", "where networks are encrypted"},
                            {"skep verify network -json", "for monitoring"}}}}};
}

}  // namespace

std::vector<CommandDoc> day_two_commands() {
  return {failover_command(), swarm_command(), recover_command(), verify_command()};
}

}  // namespace skep
