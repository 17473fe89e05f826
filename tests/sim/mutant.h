// Ways in which skep, or a driver, could be wrong. Each breaks a law; a law that no mutant breaks proves nothing.
#pragma once

#include <array>
#include <string_view>

namespace skep::sim {

enum class Mutant {
  none,
  skips_first_find,       // create without a look
  skips_begin,            // intents are not written down
  records_late,           // results and intents reach the disk one call too late
  forgets_open,           // open intents are lost with the process
  ignores_pools,          // any number of steps of a pool run at once
  ignores_waves,          // nothing waits for anything of another node
  reports_nonsense,       // a driver reports something else than it was given
  ignores_stop,           // a wait that a stop does not end
  rebuilds_on_failure,    // a failed step destroys its machine
  loses_destroy,          // a destroyed thing stays on record and in the world
  uses_the_clock,         // something outside the seed decides
  demotes_early,          // managers go before the new ones stand
  overlooks_swarm,        // a swarm that not every host can tell of is taken for none
  takes_volumes_along,    // with its machine a volume goes
  detaches_mounted,       // a volume moves while it is mounted
  hides_power,            // a machine that is off is reported as on
  removes_the_silent,     // takes a node out that may still run its tasks
  mistakes_lost_answers,  // for calls that never happened
};
inline constexpr std::array<std::string_view, 19> mutant_names = {
    "none",          "skips first find",    "skips begin",          "records late",
    "forgets open",  "ignores pools",       "ignores waves",        "reports nonsense",
    "ignores stop",  "rebuilds on failure", "loses destroy",        "uses the clock",
    "demotes early", "overlooks the swarm", "takes volumes along",  "detaches mounted",
    "hides power",   "removes the silent",  "mistakes lost answers"};

}  // namespace skep::sim
