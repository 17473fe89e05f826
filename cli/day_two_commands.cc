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

}  // namespace

std::vector<CommandDoc> day_two_commands() { return {failover_command()}; }

}  // namespace skep
