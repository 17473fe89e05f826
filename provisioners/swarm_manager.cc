#include "provisioners/swarm_manager.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/drain.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Schema schema_of_manager() {
  return {.driver = "host.swarm_manager",
          .doc = "A manager of the swarm: promoted after it was proved as a node, demoted before it leaves.",
          .inputs = {{"host", OnChange::ignore, true, false, "The machine."},
                     {"cluster", OnChange::ignore, true, false, "The cluster's name."},
                     {"login", OnChange::ignore, false, false, "By which key the host is known."},
                     {"first", OnChange::ignore, true, false, "The manager that the swarm names."},
                     {"managers", OnChange::ignore, true, false, "All managers."},
                     {"node_id", OnChange::ignore, true, false, "The node."},
                     {"identity", OnChange::ignore, true, false, "CLUSTER/NODE, as its engine says."},
                     {"drain_timeout", OnChange::ignore, true, false, "Seconds that emptying the node may take."}},
          .outputs = {{"host", OnChange::ignore, false, false, "How other steps reach this manager."},
                      {"state", OnChange::ignore, false, false, "Of the node: ready, down, unknown."},
                      {"reachability", OnChange::ignore, false, false, "Of the voter, as the others see it."},
                      {"leader", OnChange::ignore, false, false, "Whether it leads."}},
          .timeout_create = minutes(10),
          .timeout_update = minutes(5),
          .timeout_destroy = hours(4),
          .timeout_read = seconds(40)};
}

Object object_of(const Member& member, const SwarmNode& node) {
  return {node.id,
          {{"host", to_json(member)},
           {"state", node.state},
           {"reachability", node.reachability},
           {"leader", node.is_leader}}};
}

std::string id_of(const Resource& resource, std::string_view remote_id) {
  return remote_id.empty() ? json_string_or(resource.inputs, "node_id") : std::string(remote_id);
}

}  // namespace

SwarmManager::SwarmManager(const HostTools& tools) : HostDriver(tools, schema_of_manager()) {}

Result<std::optional<Object>> SwarmManager::find(const Resource& resource, std::string_view remote_id,
                                                 const Context& context) {
  const auto member = TRY(member_behind(resource));
  const Managers managers(tools(), resource.inputs);
  const auto view = TRY(managers.remembered_view(age_for(remote_id), context));
  const auto* node = view.node(id_of(resource, remote_id));
  if (node == nullptr || (node->role != "manager" && !node->is_member())) return std::optional<Object>();
  return std::optional(object_of(member, *node));
}

// Both views must agree; what may pass by itself (an election, a manager that restarts) is waited for.
Result<void> SwarmManager::wait_for_gate(Gate gate, const std::string& what, const Managers& managers,
                                         const std::string& node_id, const Context& context) const {
  std::string hint;
  auto opened = wait_until<bool>(tools().clock, {.what = what, .every = seconds(1), .at_most = minutes(2)}, context,
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

Result<Object> SwarmManager::create(const Resource& resource, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto managers = Managers(tools(), resource.inputs).without(member);
  const auto node_id = json_string_or(resource.inputs, "node_id");
  TRY(wait_for_gate(may_promote, "the managers to bear another one", managers, node_id, context));
  context.say("promoting");
  TRY(managers.run({.name = "node_role", .arguments = {{"node", node_id}, {"change", "promote"}}}, context));
  return Object{node_id, {{"host", to_json(member)}}};
}

Result<Object> SwarmManager::wait_ready(const Resource& resource, Object object, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto others = Managers(tools(), resource.inputs).without(member);
  const Managers own(tools(), {member});
  const auto& node_id = object.remote_id;
  return wait_until<Object>(
      tools().clock, {.what = "it to be reachable as a manager", .at_most = minutes(3)}, context,
      [&](const Context& limited) -> Result<Looked<Object>> {
        const auto itself = TRY(own.view(limited));  // only a manager with a leader can answer
        std::vector<SwarmView> views = {itself};
        if (!others.members().empty()) views.push_back(TRY(others.view(limited)));
        for (const auto& view : views) {
          const auto* node = view.node(node_id);
          if (node == nullptr || node->reachability != "reachable") {
            return Looked<Object>{
                .not_yet =
                    fmt::format("{} sees it {}", view.by.label(),
                                node == nullptr || node->reachability.empty() ? "as a worker" : node->reachability)};
          }
        }
        return Looked<Object>{.value = object_of(member, *itself.node(node_id))};
      });
}

Result<Object> SwarmManager::update(const Resource&, const Object& object, const Context&) { return object; }

Result<void> SwarmManager::destroy(const Resource& resource, const Object& object, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto others = Managers(tools(), resource.inputs).without(member);
  const auto node_id = id_of(resource, object.remote_id);
  if (others.members().empty()) {
    return Error{ErrorCode::refused, "it is the last manager: without it there is no swarm",
                 "promote another node first, or destroy the whole cluster"};
  }
  const auto view = TRY(others.view(context));
  const auto* node = view.node(node_id);
  if (node == nullptr) return {};
  if (must_hand_over(view.nodes, node_id)) TRY(hand_over(resource, member, *node, others, context));
  if (node->role == "manager") {
    TRY(wait_for_gate(may_demote, "the managers to bear one less", others, node_id, context));
    context.say("demoting");
    TRY(others.run({.name = "node_role", .arguments = {{"node", node_id}, {"change", "demote"}}}, context));
  }
  return wait_until_demoted(member, node_id, others, context);
}

// Two managers, and this one leads: if the demotion of a leader of two is cut off, the other may wait for it for ever
// (moby#34384). There is no command to hand an office over; a leader that restarts loses it. The node is emptied first.
Result<void> SwarmManager::hand_over(const Resource& resource, const Member& member, const SwarmNode& node,
                                     const Managers& others, const Context& context) const {
  const auto drain_timeout = seconds(json_int_or(resource.inputs, "drain_timeout", 600));
  TRY(drain_node(tools(), others, node, drain_timeout, context));
  Error last;
  for (int attempt = 0; attempt < 3; ++attempt) {
    context.say(
        fmt::format("{} leads the last two managers: its engine restarts, so that the other one leads", node.hostname));
    TRY(tools().change(member.endpoint, {.name = "engine_restart"}, context));
    auto led = wait_until<bool>(tools().clock,
                                {.what = "the other manager to lead", .every = seconds(1), .at_most = minutes(1)},
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

Result<void> SwarmManager::wait_until_demoted(const Member& member, const std::string& node_id, const Managers& others,
                                              const Context& context) const {
  TRY(wait_until<bool>(tools().clock, {.what = "the others to see it as a worker", .at_most = minutes(3)}, context,
                       [&](const Context& limited) -> Result<Looked<bool>> {
                         const auto view = TRY(others.view(limited));
                         const auto* node = view.node(node_id);
                         if (node == nullptr || (!node->is_member() && node->role == "worker")) {
                           return Looked<bool>{.value = true};
                         }
                         return Looked<bool>{.not_yet = "it is still a voter"};
                       }));
  const auto node_is_off = tools().look(member.endpoint, age_to_act, within(tools().clock, seconds(15), context));
  if (!node_is_off.ok() && node_is_off.error().code == ErrorCode::unavailable) return {};  // the others have said it
  TRY(wait_until<bool>(tools().clock, {.what = "the node to give up control", .at_most = minutes(2)}, context,
                       [&](const Context& limited) -> Result<Looked<bool>> {
                         tools().facts.forget(member.endpoint);
                         const auto facts = TRY(tools().look(member.endpoint, age_to_act, limited));
                         if (!facts->swarm.control) return Looked<bool>{.value = true};
                         return Looked<bool>{.not_yet = "it still answers as a manager"};
                       }));
  return {};
}

}  // namespace skep
