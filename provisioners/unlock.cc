#include "provisioners/unlock.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// Its place in the swarm, once its engine knows it.
Result<LocalSwarm> place_of(const HostTools& tools, const Member& member, bool waits_for_locked,
                            const Context& context) {
  return wait_until<LocalSwarm>(tools.clock, {.what = "the engine to know its swarm", .at_most = minutes(3)}, context,
                                [&](const Context& limited) -> Result<Looked<LocalSwarm>> {
                                  tools.facts.forget(member.endpoint);
                                  const auto facts = TRY(tools.look(member.endpoint, age_to_act, limited));
                                  if (!facts->engine_answers)
                                    return Looked<LocalSwarm>{.not_yet = "it does not answer"};
                                  const auto& state = facts->swarm.state;
                                  if (state == "pending" || (waits_for_locked && state == "locked"))
                                    return Looked<LocalSwarm>{.not_yet = "it is " + state};
                                  return Looked<LocalSwarm>{.value = facts->swarm};
                                });
}

}  // namespace

Result<bool> unlock_if_locked(const HostTools& tools, const Member& member, const Secret& key, const Context& context) {
  if (TRY(place_of(tools, member, false, context)).state != "locked") return false;
  if (key.empty()) {
    return Error{ErrorCode::refused, fmt::format("{} is locked, and its key is not known", member.label()),
                 "unlock it with: skep swarm unlock"};
  }
  context.say("unlocking " + member.label());
  TRY(tools.change(member.endpoint, {.name = "swarm_unlock", .input = Secret(key.reveal() + "\n")}, context));
  tools.facts.forget_all();
  TRY(place_of(tools, member, true, context));
  return true;
}

Result<std::string> change_and_unlock(const HostTools& tools, const Member& member, const Facts& facts,
                                      const Script& script, const Context& context) {
  if (!facts.swarm.autolock || !facts.swarm.control) return tools.change(member.endpoint, script, context);
  const Secret key = TRY(Managers(tools, {member}).unlock_key(context));
  auto output = tools.change(member.endpoint, script, context);
  const auto unlocked = unlock_if_locked(tools, member, key, context);
  if (output.ok() && !unlocked.ok()) return unlocked.error();
  return output;
}

}  // namespace skep
