#include "providers/cloud/cloud.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "planner/base/text.h"

namespace skep::cloud {

namespace {

constexpr Duration in_use_pause = std::chrono::seconds(1);
constexpr Duration in_use_longest = std::chrono::minutes(2);

Error not_ours(const Kind& kind, const std::string& name) {
  return {ErrorCode::refused,
          fmt::format("the account holds a {} named {} that is not this cluster's", kind.name, name),
          "rename or destroy it at the provider, or give the cluster another name: what is not skep's is never taken"};
}

/// Where several claim to be the same, lists may still show what was destroyed. Two that are there indeed are for the
/// user to judge: one of them would be a machine that nobody knows.
Result<std::vector<Owned>> without_ghosts(Cloud& cloud, const Kind& kind, std::vector<Owned> owned,
                                          const Context& context) {
  std::map<ResourceId, std::vector<RemoteId>> claims;
  for (const auto& one : owned) claims[one.id].push_back(one.object.remote_id);
  for (const auto& [id, ids] : claims) {
    if (ids.size() == 1) continue;
    std::vector<RemoteId> present;
    for (const auto& remote_id : ids) {
      if (TRY(cloud.inventory.read_alone(kind, remote_id, context)))
        present.push_back(remote_id);
      else
        std::erase_if(owned, [&](const Owned& one) { return one.object.remote_id == remote_id; });
    }
    if (present.size() < 2) continue;
    return Error{ErrorCode::refused,
                 fmt::format("{} {} all carry the marks of {}", count_of(present.size(), kind.one), join(present, ", "),
                             to_text(id)),
                 "look which of them is in use, and destroy the others at the provider"};
  }
  return owned;
}

}  // namespace

std::string cluster_of(const Resource& resource) { return json_string_or(resource.inputs, "cluster"); }

Object to_object(const Kind& kind, const Json& json, ToAttributes to_attributes) {
  return {.remote_id = kind.id_of(json), .attributes = to_attributes(json)};
}

bool holds(const Json& list, const Json& one) { return std::ranges::find(list, one) != list.end(); }

Result<std::vector<Owned>> list_owned(Cloud& cloud, const Kind& kind, std::string_view cluster, ToAttributes convert,
                                      const Context& context) {
  std::vector<Owned> owned;
  for (const auto& json : TRY(cloud.inventory.list_shared(kind, std::string(cluster), context))) {
    const auto id = kind.owner(json, kind.name, cluster);
    if (id && !is_going(json)) owned.push_back({*id, to_object(kind, json, convert)});
  }
  return without_ghosts(cloud, kind, std::move(owned), context);
}

Result<std::optional<Object>> find_owned(Cloud& cloud, const Kind& kind, const Resource& resource,
                                         std::string_view remote_id, ToAttributes convert, const Context& context) {
  const std::string cluster = cluster_of(resource);
  const auto json = remote_id.empty() ? TRY(cloud.inventory.find(kind, cluster, resource.id, context))
                                      : TRY(cloud.inventory.read(kind, cluster, std::string(remote_id), context));
  if (!json || is_going(*json)) return std::optional<Object>();
  return std::optional(to_object(kind, *json, convert));
}

Result<Object> create_owned(Cloud& cloud, const Kind& kind, const Resource& resource, Json body, ToAttributes convert,
                            const Context& context) {
  const std::string cluster = cluster_of(resource);
  kind.mark(body, cluster, resource.id);
  const std::string name = json_string_or(body, "name");
  cloud.inventory.mark_tried(kind, resource.id);
  for (;;) {
    const Reply reply = TRY(cloud.account.ask("POST", kind.path, body, context));
    if (reply.ok() && !kind.id_of(json_member(reply.body, kind.one)).empty()) {
      Object object = to_object(kind, reply.body[kind.one], convert);
      object.attributes[pending_actions] = cloud.account.dialect().actions.in(reply.body);
      return object;
    }
    if (reply.ok()) return Error{ErrorCode::unknown_outcome, "the provider's answer holds no " + kind.one};
    if (!cloud.account.dialect().is_name_taken(reply)) return cloud.account.error_of(reply);
    const auto present = TRY(cloud.inventory.find_by_name(kind, name, context));
    if (present && kind.owner(*present, kind.name, cluster) != resource.id) return not_ours(kind, name);
    if (present && !is_going(*present)) return to_object(kind, *present, convert);
    // Lists lag behind, or the old one is on its way out: its name becomes free, or it becomes visible.
    context.say("waiting for the name " + name + " to become free");
    TRY(cloud.account.clock().sleep(in_use_pause, context).doing(cloud.account.error_of(reply).message));
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
  if (!kind.changes_while_made) return object;
  const auto json = TRY(cloud.inventory.read(kind, cluster_of(resource), object.remote_id, context));
  if (!json) return Error{ErrorCode::not_found, "it is gone again: somebody destroyed it"};
  return to_object(kind, *json, convert);
}

Result<void> destroy_owned(Cloud& cloud, const Kind& kind, const Resource& resource, const RemoteId& id,
                           const Context& context) {
  cloud.inventory.mark_tried(kind, resource.id);
  const Context limited = within(cloud.account.clock(), in_use_longest, context);
  for (;;) {
    const auto answer = cloud.account.destroy(kind.path + "/" + id, context);
    if (answer.ok()) {
      TRY(cloud.actions.await(cloud.account.dialect().actions.in(answer.value()), context));
      cloud.inventory.mark_destroyed(kind, id);
      return {};
    }
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
  return cloud.actions.await(cloud.account.dialect().actions.in(answer), context).doing(action);
}

}  // namespace skep::cloud
