#include "provisioners/swarm_manager.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/membership.h"
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
                     {"drain_timeout", OnChange::ignore, true, false, "Seconds that emptying the node may take."},
                     {"allow_unschedulable", OnChange::ignore, false, false, "Services that need no place meanwhile."}},
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
  if (node == nullptr) return std::optional<Object>();
  // One that was promoted and is not among them yet will be, if it lives; after a recovery the list names dead ones so.
  const bool will_be = node->role == "manager" && node->state == "ready";
  if (!node->is_member() && !will_be) return std::optional<Object>();
  return std::optional(object_of(member, *node));
}

Result<Object> SwarmManager::create(const Resource& resource, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto managers = Managers(tools(), resource.inputs).without(member);
  const auto node_id = json_string_or(resource.inputs, "node_id");
  TRY(wait_for_gate(tools(), may_promote, "the managers to bear another one", managers, node_id, context));
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
  return demote(tools(), resource, id_of(resource, object.remote_id), context);
}

}  // namespace skep
