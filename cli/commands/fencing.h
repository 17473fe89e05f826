// Managers that must not act while another one goes on alone: how each is kept from it, and how it comes back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands/fleet.h"
#include "cli/commands/operation.h"
#include "provisioners/recover.h"

namespace skep {

struct Fencing {
  enum class Way {
    none,       // it is in no swarm, or somebody has made sure that it is off for good
    stop,       // it answers: its engine is stopped
    power_off,  // it does not: its provider turns it off
    is_off,     // its provider says that it is off
  };
  Member member;
  Way way = Way::none;
  std::optional<Record> machine = {};  // its machine's record, where its provider turns it on and off
};

/// How each of the others is fenced; nothing is touched. `off`: nodes of which the user says that they are off for
/// good. Errors: refused (one may still act, and nobody can keep it from that: names it), those of the provider.
Result<std::vector<Fencing>> plan_fences(const Operation& operation, std::span<const RaftLook> others,
                                         const std::vector<std::string>& off, Outside& outside);

/// Fences one. Errors: those of fence() and of the step that turns a machine off.
Result<void> put_up(const Fencing& fencing, const Operation& operation, const Fleet& fleet, const Context& context,
                    Outside& outside);

/// Brings one back into no swarm. A machine that was turned off is turned on for it, and off again if it does not
/// answer. Errors: as above; the manager then stays fenced.
Result<void> take_down(const Fencing& fencing, const Operation& operation, const Fleet& fleet, const Context& context,
                       Outside& outside);

}  // namespace skep
