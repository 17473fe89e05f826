#include "provisioners/joining.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/bootstrap.h"
#include "provisioners/membership.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

bool is_brought_by_us(const Resource& resource, const Facts& facts) {
  return json_string_or(facts.swarm_marker, "cluster") == json_string_or(resource.inputs, "cluster");
}

}  // namespace

// Every uid of this resource, whichever machine is behind it: "demo/worker-1@1/".
std::string uid_prefix(const Resource& resource) {
  return engine_uid(json_string_or(resource.inputs, "identity"), resource.id.generation, "");
}

Result<std::string> Joining::join(const std::shared_ptr<const Facts>& facts, const Context& context) const {
  TRY(check_routes(facts));
  TRY(clear_predecessors(*facts, context));
  TRY(leave_remains(*facts, context));
  return enter(context);
}

// Looked at when the swarm began, of the hosts that stood then. Docker's own range was spoken of at that time.
Result<void> Joining::check_routes(const std::shared_ptr<const Facts>& facts) const {
  const auto pools = resource_.inputs.find("address_pools");
  if (pools == resource_.inputs.end() || pools->empty()) return {};
  const auto overlaps = routes_into(pools->get<std::vector<std::string>>(), {{member_, facts, {}}});
  if (overlaps.empty()) return {};
  return Error{ErrorCode::refused,
               fmt::format("overlay networks take addresses that it uses: {}", skep::join(overlaps, ", ")),
               "take the route off the host, or give that network another range: a swarm's address pools are fixed"};
}

// What an earlier machine of this very name left in the list. The provider has said that it is gone, and its name is
// never given to two; still it is taken off only when the swarm has seen it go, too.
Result<void> Joining::clear_predecessors(const Facts& facts, const Context& context) const {
  for (const auto& node : TRY(managers_.view(context)).nodes) {
    if (node.id == facts.swarm.node_id || !node.uid.starts_with(uid_prefix(resource_))) continue;
    context.say(fmt::format("taking the earlier {} ({}) off the list", node.hostname, node.id));
    TRY(wait_until<bool>(tools_.clock,
                         {.what = fmt::format("the earlier {} to be seen down", node.hostname), .at_most = minutes(2)},
                         context, [&](const Context& limited) -> Result<Looked<bool>> {
                           const auto view = TRY(managers_.view(limited));
                           const auto* seen = view.node(node.id);
                           if (seen == nullptr || seen->state == "down") return Looked<bool>{.value = true};
                           return Looked<bool>{.not_yet = "it is " + seen->state};
                         }));
    if (node.is_member()) {  // one that a recovered swarm went on without has no vote to take away
      TRY(may_demote(TRY(managers_.view(context)).nodes, node.id));
      TRY(managers_.run({.name = "node_role", .arguments = {{"node", node.id}, {"change", "demote"}}}, context));
    }
    TRY(managers_.run({.name = "node_destroy", .arguments = {{"node", node.id}, {"force", "yes"}}}, context));
  }
  return {};
}

// A membership that no manager knows: of an attempt that failed, or of a node that was taken off the list. Leaving by
// force harms nobody then, but only what we brought into a swarm ourselves is ours to take out.
Result<void> Joining::leave_remains(const Facts& facts, const Context& context) const {
  const auto& local = facts.swarm;
  if (local.state == "inactive" || local.state == "pending") return {};
  if (local.state == "locked" || local.control) {
    return Error{ErrorCode::refused,
                 fmt::format("the host is {} in another swarm", local.control ? "a manager" : "locked")};
  }
  if (!is_brought_by_us(resource_, facts)) {
    return Error{ErrorCode::refused, "the host is in a swarm that skep did not bring it into",
                 "if that swarm is not needed, run `docker swarm leave --force` on the host"};
  }
  const auto view = TRY(managers_.view(context));
  if (!local.node_id.empty() && view.node(local.node_id) != nullptr) return {};
  context.say("clearing a membership that no manager knows");
  TRY(tools_.change(member_.endpoint, {.name = "swarm_leave", .arguments = {{"force", "yes"}}}, context));
  return {};
}

Result<std::string> Joining::enter(const Context& context) const {
  // A host that has answered a moment ago and dies is not waited for as one that boots is.
  const auto state_now = [&](const Context& limited) -> Result<LocalSwarm> {
    tools_.facts.forget(member_.endpoint);
    return TRY(tools_.look(member_.endpoint, age_to_act, within(tools_.clock, minutes(1), limited)))->swarm;
  };
  auto local = TRY(state_now(context));
  std::string last;
  const Instant until = tools_.clock.now() + seconds(60);
  while (local.state == "inactive") {
    const auto token = TRY(managers_.worker_token(context));
    // The engine tries one manager only, so we go round them. What is pending goes on by itself and is not repeated.
    for (const auto& manager : managers_.members()) {
      auto joined = enter_through(manager, token, context);
      if (!joined.ok() && joined.error().code != ErrorCode::unavailable) return joined.error();
      if (!joined.ok()) last = fmt::format("through {}: {}", manager.label(), joined.error().message);
      local = TRY(state_now(context));
      if (local.state != "inactive") break;
    }
    if (local.state == "inactive" && tools_.clock.now() >= until) {
      return Error{ErrorCode::unavailable, last, "port 2377/tcp of a manager must be open for this host"};
    }
    if (local.state == "inactive") TRY(tools_.clock.sleep(seconds(2), context));
  }
  const auto id = TRY(wait_until<std::string>(
      tools_.clock, {.what = "the swarm to take it in", .every = seconds(1), .at_most = minutes(5)}, context,
      [&](const Context& limited) -> Result<Looked<std::string>> {
        const auto now = TRY(state_now(limited));
        if (now.state == "active" && !now.node_id.empty()) return Looked<std::string>{.value = now.node_id};
        return Looked<std::string>{.not_yet = now.error.empty() ? "it is " + now.state : now.error};
      }));
  return id;
}

Result<void> Joining::enter_through(const Member& manager, const std::string& token, const Context& context) const {
  const Json request = {{"ListenAddr", member_.private_address + ":2377"},
                        {"AdvertiseAddr", member_.private_address},
                        {"DataPathAddr", member_.private_address},
                        {"RemoteAddrs", {manager.private_address + ":2377"}},
                        {"JoinToken", std::string(trim(token))}};
  context.say("joining through " + manager.label());
  TRY(tools_.change(member_.endpoint,
                    {.name = "swarm_join",
                     .arguments = {{"cluster", json_string_or(resource_.inputs, "cluster")}},
                     .input = Secret(dump_json(request))},
                    within(tools_.clock, minutes(2), context)));
  return {};
}

}  // namespace skep
