#include "provisioners/swarm_node.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/drain.h"
#include "provisioners/health.h"
#include "provisioners/host_ready.h"
#include "provisioners/joining.h"
#include "provisioners/membership.h"
#include "provisioners/settle_in.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Schema schema_of_node() {
  return {.driver = "host.swarm_node",
          .doc = "A node of the swarm: joined, proved by its engine's label, with its labels.",
          .inputs = {{"host", OnChange::ignore, true, false, "The machine."},
                     {"cluster", OnChange::ignore, true, false, "The cluster's name."},
                     {"login", OnChange::ignore, false, false, "By which key the host is known."},
                     {"role", OnChange::ignore, true, false, "manager or worker; it joins as a worker all the same."},
                     {"first", OnChange::ignore, true, false, "The manager that the swarm names."},
                     {"managers", OnChange::ignore, true, false, "All managers."},
                     {"others", OnChange::ignore, true, false, "All hosts, to notice copies of a machine."},
                     {"cluster_id", OnChange::ignore, true, false, "The swarm's id."},
                     {"address_pools", OnChange::ignore, false, false, "Its ranges for overlay networks."},
                     {"identity", OnChange::ignore, true, false, "CLUSTER/NODE, as its engine says."},
                     {"labels", OnChange::update, true, false, "Node labels; foreign ones are kept."},
                     {"availability", OnChange::update, true, false, "active."},
                     {"drain_timeout", OnChange::ignore, true, false, "Seconds that emptying the node may take."},
                     {"allow_unschedulable", OnChange::ignore, false, false, "Services that need no place meanwhile."}},
          .outputs = {{"node_id", OnChange::ignore, false, false, "The swarm's id of the node."},
                      {"hostname", OnChange::ignore, false, false, "Its name in `docker node ls`."},
                      {"state", OnChange::ignore, false, false, "ready, down, unknown or disconnected."},
                      {"address", OnChange::ignore, false, false, "Where the swarm reaches it."},
                      {"reachability", OnChange::ignore, false, false, "Of a manager."},
                      {"leader", OnChange::ignore, false, false, "Whether it leads the managers."},
                      {"engine_version", OnChange::ignore, false, false, "The engine that runs there."}},
          .timeout_create = minutes(15),
          .timeout_update = minutes(5),
          .timeout_destroy = hours(4),
          .timeout_read = seconds(40)};
}

Json owned_labels(const SwarmNode& node, const Json& keys) {
  Json labels = Json::object();
  for (const auto& [key, value] : keys.items()) {
    const auto label = node.labels.find(key);
    if (label != node.labels.end()) labels[key] = label->second;
  }
  return labels;
}

Object object_of(const Resource& resource, const SwarmNode& node) {
  return {node.id,
          {{"node_id", node.id},
           {"hostname", node.hostname},
           {"state", node.state},
           {"address", node.address},
           {"availability", node.availability},
           {"reachability", node.reachability},
           {"leader", node.is_leader},
           {"engine_version", node.engine_version},
           {"labels", owned_labels(node, resource.inputs.at("labels"))}}};
}

std::string uid_of(const Resource& resource, const Facts& facts) {
  return engine_uid(json_string_or(resource.inputs, "identity"), resource.id.generation, facts.machine_id);
}

Duration drain_timeout_of(const Resource& resource) {
  return seconds(json_int_or(resource.inputs, "drain_timeout", 600));
}

Result<void> prove(const Resource& resource, const SwarmNode& node, const Member& member, const Facts& facts) {
  if (facts.swarm.node_address != member.private_address) {
    return Error{ErrorCode::invalid_input,
                 fmt::format("it is in the swarm with the address {}, not with {}", facts.swarm.node_address,
                             member.private_address),
                 "the engine drops an advertised address that it cannot use: see that the host has it, then take the "
                 "node out of the swarm and apply again"};
  }
  const auto uid = uid_of(resource, facts);
  if (node.uid == uid) return {};
  return Error{ErrorCode::unavailable,
               fmt::format("the swarm sees \"{}\" behind node {}, not \"{}\"", node.uid, node.id, uid),
               "see the label skep.uid in `docker info` on the host"};
}

bool is_off(const Resource& resource) { return json_string_or(resource.inputs.at("host"), "power", "on") == "off"; }

Script label_script(const SwarmNode& node, const Json& wanted, const Json& owned, const std::string& availability) {
  std::vector<std::string> set;
  std::vector<std::string> gone;
  for (const auto& [key, value] : wanted.items()) {
    const auto label = node.labels.find(key);
    const auto text = value.get<std::string>();
    if (label == node.labels.end() || label->second != text) set.push_back(key + "=" + text);
  }
  for (const auto& [key, value] : owned.items()) {
    if (!wanted.contains(key) && node.labels.contains(key)) gone.push_back(key);
  }
  return {.name = "node_update",
          .arguments = {{"node", node.id},
                        {"labels", join(set, "\n")},
                        {"labels_gone", join(gone, "\n")},
                        {"availability", node.availability == availability ? "" : availability}}};
}

bool does_nothing(const Script& script) {
  return script.arguments.at("labels").empty() && script.arguments.at("labels_gone").empty() &&
         script.arguments.at("availability").empty();
}

// Its tasks are to move to a swarm that is well: what replaces the node runs, and nothing else is on its way. A node
// that serves nobody any more is not waited for.
Result<void> wait_until_others_are_well(const HostTools& tools, const Resource& resource, const Managers& managers,
                                        const SwarmNode& node, const Context& context) {
  if (node.state != "ready" || node.availability == "drain") return {};
  return pass({.what = "before " + node.hostname + " goes",
               .only_services = true,
               .allowed = allowed_services(resource.inputs),
               .at_most = drain_timeout_of(resource)},
              tools, managers, context);
}

}  // namespace

SwarmNodeKind::SwarmNodeKind(const HostTools& tools) : HostDriver(tools, schema_of_node()) {}

Result<std::optional<Object>> SwarmNodeKind::find(const Resource& resource, std::string_view remote_id,
                                                  const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto age = age_for(remote_id);
  auto looked = tools().look(member.endpoint, age, context);
  if (!looked.ok() && looked.error().code == ErrorCode::unavailable && remote_id.empty())
    return find_on_the_list(resource, context);
  if (!looked.ok() && looked.error().code == ErrorCode::unavailable) {
    if (auto down = seen_down(resource, remote_id, age, context)) return down;
  }
  const auto facts = TRY(std::move(looked));
  if (!facts->engine_answers) {
    if (!facts->has_swarm_state) return std::optional<Object>();
    return Error{ErrorCode::unavailable, "its engine does not answer"};
  }
  const auto& local = facts->swarm;
  if (local.state == "locked") {
    return Error{ErrorCode::unavailable, "its engine is locked", "unlock it with: skep swarm unlock"};
  }
  if (local.state == "pending" && !remote_id.empty()) {
    return Error{ErrorCode::unavailable, "it is on its way back into the swarm"};
  }
  if (local.state != "active") return std::optional<Object>();
  const auto view = TRY(Managers(tools(), resource.inputs).remembered_view(age, context));
  const auto* node = view.node(local.node_id);
  if (node == nullptr) return std::optional<Object>();
  return std::optional(object_of(resource, *node));
}

// A host that does not answer, and whose joining was begun: only the swarm can tell how that ended.
Result<std::optional<Object>> SwarmNodeKind::find_on_the_list(const Resource& resource, const Context& context) const {
  const auto view = TRY(Managers(tools(), resource.inputs).remembered_view(age_to_act, context));
  const auto node =
      std::ranges::find_if(view.nodes, [&](const SwarmNode& one) { return one.uid.starts_with(uid_prefix(resource)); });
  if (node == view.nodes.end()) return std::optional<Object>();
  return std::optional(object_of(resource, *node));
}

// A host that does not answer us, nor the managers: they tell what is known of its node. Where they still see it, or
// cannot be asked, nothing is known.
std::optional<Object> SwarmNodeKind::seen_down(const Resource& resource, std::string_view remote_id, Duration age,
                                               const Context& context) const {
  const auto member = member_behind(resource);
  if (!member.ok()) return std::nullopt;
  const auto view = Managers(tools(), resource.inputs).without(member.value()).remembered_view(age, context);
  const auto* node = view.ok() ? view.value().node(remote_id) : nullptr;
  if (node == nullptr || (node->state != "down" && node->reachability != "unreachable")) return std::nullopt;
  return object_of(resource, *node);
}

Result<Object> SwarmNodeKind::create(const Resource& resource, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto managers = Managers(tools(), resource.inputs).without(member);
  const auto facts = TRY(tools().look(member.endpoint, age_to_act, context));
  TRY(check_unique_machine(member, facts->machine_id, resource.inputs.at("others")));
  const auto id = TRY(Joining(tools(), resource, member, managers).join(facts, context));
  return Object{id, {{"node_id", id}, {"labels", Json::object()}}};
}

Result<Object> SwarmNodeKind::wait_ready(const Resource& resource, Object object, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const Managers managers(tools(), resource.inputs);
  const auto facts = TRY(tools().look(member.endpoint, age_to_act, within(tools().clock, minutes(1), context)));
  auto ready = TRY(wait_until<Object>(tools().clock, {.what = "the managers to see it ready", .at_most = minutes(3)},
                                      context, [&](const Context& limited) -> Result<Looked<Object>> {
                                        const auto view = TRY(managers.view(limited));
                                        const auto* node = view.node(object.remote_id);
                                        if (node == nullptr)
                                          return Looked<Object>{.not_yet = "the managers do not list it"};
                                        if (node->state != "ready")
                                          return Looked<Object>{.not_yet = "it is " + node->state};
                                        TRY(prove(resource, *node, member, *facts));
                                        return Looked<Object>{
                                            .value = TRY(admitted(resource, *node, object, managers, limited))};
                                      }));
  TRY(settle_in(tools(), managers, ready.remote_id, context));
  return ready;
}

Result<Object> SwarmNodeKind::admitted(const Resource& resource, const SwarmNode& node, const Object& before,
                                       const Managers& managers, const Context& context) const {
  const auto& wanted = resource.inputs.at("labels");
  const auto availability = json_string_or(resource.inputs, "availability", "active");
  const auto script = label_script(node, wanted, before.attributes.value("labels", Json::object()), availability);
  if (does_nothing(script)) return object_of(resource, node);
  context.say("setting labels and availability");
  TRY(managers.run(script, context));
  SwarmNode after = node;
  after.availability = availability;
  for (const auto& [key, value] : wanted.items()) after.labels[key] = value.get<std::string>();
  return object_of(resource, after);
}

Result<Object> SwarmNodeKind::update(const Resource& resource, const Object& object, const Context& context) {
  const Managers managers(tools(), resource.inputs);
  const auto view = TRY(managers.view(context));
  const auto* node = view.node(object.remote_id);
  if (node == nullptr)
    return Error{ErrorCode::not_found, fmt::format("the managers know no node {}", object.remote_id)};
  return admitted(resource, *node, object, managers, context);
}

Result<void> SwarmNodeKind::destroy(const Resource& resource, const Object& object, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto managers = Managers(tools(), resource.inputs).without(member);
  const auto view = TRY(managers.view(context));
  const auto* node = view.node(object.remote_id);
  if (node != nullptr) {
    // A run that ended between the swarm's beginning and the record of its manager left one that nobody demotes.
    if (node->is_member() || node->role == "manager") TRY(demote(tools(), resource, object.remote_id, context));
    if (!is_off(resource)) {
      TRY(wait_until_others_are_well(tools(), resource, managers, *node, context));
      TRY(drain_node({*node, drain_timeout_of(resource), allowed_services(resource.inputs)}, tools(), managers,
                     context));
      TRY(leave(member, *node, context));
    }
    TRY(wait_until<bool>(tools().clock, {.what = "the managers to see it down", .at_most = minutes(2)}, context,
                         [&](const Context& limited) -> Result<Looked<bool>> {
                           const auto now = TRY(managers.view(limited));
                           const auto* seen = now.node(object.remote_id);
                           if (seen == nullptr || seen->state == "down") return Looked<bool>{.value = true};
                           return Looked<bool>{.not_yet = "it is " + seen->state};
                         }));
    TRY(managers.run({.name = "node_destroy", .arguments = {{"node", object.remote_id}, {"force", "no"}}}, context));
    return {};
  }
  // Off the list already; a membership that stayed on the host is taken along where it can be reached.
  const auto facts = tools().look(member.endpoint, age_to_act, within(tools().clock, seconds(15), context));
  if (facts.ok() && facts.value()->swarm.node_id == object.remote_id && !object.remote_id.empty()) {
    TRY(tools().change(member.endpoint, {.name = "swarm_leave", .arguments = {{"force", "yes"}}}, context));
  }
  return {};
}

// A host that does not answer may still run its containers: only a machine that is off counts as gone.
Result<void> SwarmNodeKind::leave(const Member& member, const SwarmNode& node, const Context& context) const {
  context.say("leaving the swarm");
  const auto facts = tools().look(member.endpoint, age_to_act, within(tools().clock, seconds(30), context));
  if (!facts.ok() && facts.error().code == ErrorCode::cancelled) return facts.error();
  if (!facts.ok()) {
    return Error{
        ErrorCode::refused,
        fmt::format("{} cannot be asked ({}) and may still run its containers", node.hostname, facts.error().message),
        "power the machine off first, then apply again: what is off cannot write to data that has moved"};
  }
  if (facts.value()->swarm.node_id != node.id) return {};  // it left already, and may even be in another swarm
  TRY(tools().change(member.endpoint, {.name = "swarm_leave", .arguments = {{"force", "no"}}}, context));
  return {};
}

}  // namespace skep
