#include "providers/hetzner/cloud.h"

#include <fmt/format.h>

#include <algorithm>

#include "providers/hetzner/labels.h"

namespace skep::hetzner {

namespace {

constexpr Duration in_use_pause = std::chrono::seconds(1);
constexpr Duration in_use_longest = std::chrono::minutes(2);

Error not_ours(const Kind& kind, const std::string& name) {
  return {ErrorCode::refused,
          fmt::format("the project holds a {} named {} that is not this cluster's", kind.name, name),
          "rename or destroy it at the provider, or give the cluster another name: what is not skep's is never taken"};
}

}  // namespace

const Kind& ssh_keys() {
  static const Kind kind{"/ssh_keys", "ssh_keys", "ssh_key", "ssh_key"};
  return kind;
}
const Kind& networks() {
  static const Kind kind{"/networks", "networks", "network", "network"};
  return kind;
}
const Kind& firewalls() {
  static const Kind kind{"/firewalls", "firewalls", "firewall", "firewall"};
  return kind;
}
const Kind& placement_groups() {
  static const Kind kind{"/placement_groups", "placement_groups", "placement_group", "placement_group"};
  return kind;
}
const Kind& servers() {
  static const Kind kind{"/servers", "servers", "server", machine_kind};
  return kind;
}
const Kind& volumes() {
  static const Kind kind{"/volumes", "volumes", "volume", "volume"};
  return kind;
}
const Kind& floating_ips() {
  static const Kind kind{"/floating_ips", "floating_ips", "floating_ip", "floating_ip"};
  return kind;
}
const Kind& load_balancers() {
  static const Kind kind{"/load_balancers", "load_balancers", "load_balancer", "load_balancer"};
  return kind;
}

std::string cluster_of(const Resource& resource) { return json_string_or(resource.inputs, "cluster"); }

Object to_object(const Json& json, ToAttributes to_attributes) {
  return {.remote_id = id_text(json.value("id", Json())), .attributes = to_attributes(json)};
}

bool holds(const Json& list, const Json& one) { return std::ranges::find(list, one) != list.end(); }

std::vector<Json> actions_in(const Json& answer) {
  std::vector<Json> found;
  if (!answer.is_object()) return found;
  for (const char* key : {"action", "actions", "next_actions"}) {
    const auto part = answer.find(key);
    if (part == answer.end()) continue;
    if (part->is_object()) found.push_back(*part);
    if (part->is_array()) found.insert(found.end(), part->begin(), part->end());
  }
  return found;
}

Result<std::vector<Owned>> list_owned(Cloud& cloud, const Kind& kind, std::string_view cluster, ToAttributes convert,
                                      const Context& context) {
  std::vector<Owned> owned;
  for (const auto& json : TRY(cloud.inventory.list_shared(kind, std::string(cluster), context))) {
    const auto id = owner_of(json, kind.name, cluster);
    if (id && json_string_or(json, "status") != "deleting") owned.push_back({*id, to_object(json, convert)});
  }
  return owned;
}

Result<std::optional<Object>> find_owned(Cloud& cloud, const Kind& kind, const Resource& resource,
                                         std::string_view remote_id, ToAttributes convert, const Context& context) {
  const std::string cluster = cluster_of(resource);
  const auto json = remote_id.empty() ? TRY(cloud.inventory.find(kind, cluster, resource.id, context))
                                      : TRY(cloud.inventory.read(kind, cluster, std::string(remote_id), context));
  if (!json || json_string_or(*json, "status") == "deleting") return std::optional<Object>();
  return std::optional(to_object(*json, convert));
}

Result<Object> create_owned(Cloud& cloud, const Kind& kind, const Resource& resource, Json body, ToAttributes convert,
                            const Context& context) {
  const std::string cluster = cluster_of(resource);
  const std::string name = remote_name(cluster, resource.id);
  body["name"] = name;
  Json labels = owner_labels(cluster, resource.id);
  if (body.contains("labels")) labels.update(body["labels"]);
  body["labels"] = labels;
  cloud.inventory.mark_tried(kind, resource.id);
  for (;;) {
    const Reply reply = TRY(cloud.account.ask("POST", kind.path, body, context));
    if (reply.ok() && is_object_with_id(json_member(reply.body, kind.one))) {
      Object object = to_object(reply.body[kind.one], convert);
      object.attributes[pending_actions] = actions_in(reply.body);
      return object;
    }
    if (reply.ok()) return Error{ErrorCode::unknown_outcome, "the provider's answer holds no " + kind.one};
    if (reply.code != "uniqueness_error") return error_of(reply);
    const auto present = TRY(cloud.inventory.find_by_name(kind, name, context));
    if (present && owner_of(*present, kind.name, cluster) != resource.id) return not_ours(kind, name);
    if (present && json_string_or(*present, "status") != "deleting") return to_object(*present, convert);
    // Lists lag behind, or the old one is on its way out: its name becomes free, or it becomes visible.
    context.say("waiting for the name " + name + " to become free");
    TRY(cloud.account.clock().sleep(in_use_pause, context).doing(error_of(reply).message));
  }
}

Result<Object> settle(Cloud& cloud, const Kind& kind, const Resource& resource, Object object, ToAttributes convert,
                      const Context& context) {
  const auto pending = object.attributes.find(pending_actions);
  if (pending == object.attributes.end()) return object;
  std::vector<Json> actions(pending->begin(), pending->end());
  object.attributes.erase(pending);
  if (actions.empty()) return object;
  TRY(cloud.actions.await(actions, context));
  const auto json = TRY(cloud.inventory.read(kind, cluster_of(resource), object.remote_id, context));
  if (!json) return Error{ErrorCode::not_found, "it is gone again: somebody destroyed it"};
  return to_object(*json, convert);
}

Result<void> destroy_owned(Cloud& cloud, const Kind& kind, const Resource& resource, const RemoteId& id,
                           const Context& context) {
  cloud.inventory.mark_tried(kind, resource.id);
  const Context limited = within(cloud.account.clock(), in_use_longest, context);
  for (;;) {
    const auto answer = cloud.account.destroy(kind.path + "/" + id, context);
    if (answer.ok()) return cloud.actions.await(actions_in(answer.value()), context);
    if (answer.error().code != ErrorCode::conflict) return answer.error();
    context.say("waiting until nothing uses it any more");
    const auto slept = cloud.account.clock().sleep(in_use_pause, limited);
    if (!slept.ok()) return slept.error().code == ErrorCode::cancelled ? slept.error() : answer.error();
  }
}

Result<void> act(Cloud& cloud, const Kind& kind, const RemoteId& id, const std::string& action, const Json& body,
                 const Context& context) {
  cloud.inventory.mark_changed(kind);
  const Json answer =
      TRY(cloud.account.post(fmt::format("{}/{}/actions/{}", kind.path, id, action), body, context).doing(action));
  return cloud.actions.await(actions_in(answer), context).doing(action);
}

}  // namespace skep::hetzner
