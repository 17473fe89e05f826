#include "provisioners/membership.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/drain.h"
#include "provisioners/health.h"
#include "provisioners/managers.h"
#include "provisioners/unlock.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Two managers, and this one leads: if the demotion of a leader of two is cut off, the other may wait for it for ever
// (moby#34384). There is no command to hand an office over; a leader that restarts loses it. The node is emptied first.
Result<void> hand_over(const HostTools& tools, const Resource& resource, const Member& member, const SwarmNode& node,
                       const Managers& others, const Context& context) {
  const auto drain_timeout = seconds(json_int_or(resource.inputs, "drain_timeout", 600));
  TRY(drain_node({node, drain_timeout, allowed_services(resource.inputs)}, tools, others, context));
  Error last;
  for (int attempt = 0; attempt < 3; ++attempt) {
    context.say(
        fmt::format("{} leads the last two managers: its engine restarts, so that the other one leads", node.hostname));
    const auto facts = TRY(tools.look(member.endpoint, age_to_act, context));
    TRY(change_and_unlock(tools, member, *facts, {.name = "engine_restart"}, context));
    auto led =
        wait_until<bool>(tools.clock, {.what = "the other manager to lead", .every = seconds(1), .at_most = minutes(1)},
                         context, [&](const Context& limited) -> Result<Looked<bool>> {
                           const auto view = TRY(others.view(limited));
                           const auto membership = membership_of(view.nodes);
                           if (membership.leader_id.empty()) return Looked<bool>{.not_yet = "no leader yet"};
                           return Looked<bool>{.value = membership.leader_id != node.id};
                         });
    if (!led.ok() && led.error().code != ErrorCode::unavailable) return std::move(led).error();
    if (led.ok() && led.value()) return {};
    last = led.ok() ? Error{ErrorCode::refused, fmt::format("{} was elected again, three times", node.hostname),
                            "apply again, or add a third manager first"}
                    : std::move(led).error();
  }
  return last;
}

Result<void> wait_until_demoted(const HostTools& tools, const Member& member, const std::string& node_id,
                                const Managers& others, const Context& context) {
  TRY(wait_until<bool>(tools.clock, {.what = "the others to see it as a worker", .at_most = minutes(3)}, context,
                       [&](const Context& limited) -> Result<Looked<bool>> {
                         const auto view = TRY(others.view(limited));
                         const auto* node = view.node(node_id);
                         if (node == nullptr || (!node->is_member() && node->role == "worker")) {
                           return Looked<bool>{.value = true};
                         }
                         return Looked<bool>{.not_yet = "it is still a voter"};
                       }));
  const auto node_is_off = tools.look(member.endpoint, age_to_act, within(tools.clock, seconds(15), context));
  if (!node_is_off.ok() && node_is_off.error().code == ErrorCode::unavailable) return {};  // the others have said it
  TRY(wait_until<bool>(tools.clock, {.what = "the node to give up control", .at_most = minutes(2)}, context,
                       [&](const Context& limited) -> Result<Looked<bool>> {
                         tools.facts.forget(member.endpoint);
                         const auto facts = TRY(tools.look(member.endpoint, age_to_act, limited));
                         if (!facts->swarm.control) return Looked<bool>{.value = true};
                         return Looked<bool>{.not_yet = "it still answers as a manager"};
                       }));
  return {};
}

}  // namespace

// Both views must agree; what may pass by itself (an election, a manager that restarts) is waited for.
Result<void> wait_for_gate(const HostTools& tools, Gate gate, const std::string& what, const Managers& managers,
                           const std::string& node_id, const Context& context) {
  std::string hint;
  auto opened = wait_until<bool>(tools.clock, {.what = what, .every = seconds(1), .at_most = minutes(2)}, context,
                                 [&](const Context& limited) -> Result<Looked<bool>> {
                                   for (const auto& view : TRY(managers.two_views(limited))) {
                                     auto allowed = gate(view.nodes, node_id);
                                     if (allowed.ok()) continue;
                                     hint = allowed.error().hint;
                                     return std::move(allowed).doing("as " + view.by.label() + " sees it").error();
                                   }
                                   return Looked<bool>{.value = true};
                                 });
  if (opened.ok()) return {};
  auto error = std::move(opened).error();
  if (error.hint.empty()) error.hint = hint;
  return error;
}

Result<void> demote(const HostTools& tools, const Resource& resource, const std::string& node_id,
                    const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto others = Managers(tools, resource.inputs).without(member);
  if (others.members().empty()) {
    return Error{ErrorCode::refused, "it is the last manager: without it there is no swarm",
                 "promote another node first, or destroy the whole cluster"};
  }
  const auto view = TRY(others.view(context));
  const auto* node = view.node(node_id);
  if (node == nullptr) return {};
  if (must_hand_over(view.nodes, node_id)) TRY(hand_over(tools, resource, member, *node, others, context));
  if (node->role == "manager") {
    TRY(wait_for_gate(tools, may_demote, "the managers to bear one less", others, node_id, context));
    context.say("demoting");
    TRY(others.run({.name = "node_role", .arguments = {{"node", node_id}, {"change", "demote"}}}, context));
  }
  return wait_until_demoted(tools, member, node_id, others, context);
}

}  // namespace skep
