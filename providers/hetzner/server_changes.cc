#include "providers/hetzner/server_changes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "providers/cloud/orders.h"
#include "providers/common/machine_fields.h"
#include "providers/hetzner/labels.h"

namespace skep::hetzner {

namespace {

constexpr Duration shutdown_longest = std::chrono::seconds(90);  // then the plug is pulled
constexpr Duration status_pause = std::chrono::seconds(2);

std::string text_at(const Json& json, const char* pointer) {
  const Json found = json.value(Json::json_pointer(pointer), Json());
  return found.is_string() ? found.get<std::string>() : "";
}

/// The numbers in a list of objects or of numbers, as text.
std::set<std::string> ids_in(const Json& list, const char* member) {
  std::set<std::string> ids;
  if (!list.is_array()) return ids;
  for (const auto& one : list) ids.insert(id_text(one.is_object() ? one.value(member, Json()) : one));
  return ids;
}

Json one_of(const std::set<std::string>& present, const std::string& wanted) {
  if (present.contains(wanted)) return wanted;
  return present.empty() ? "" : *present.begin();
}

/// The one of the lowest number: that of a server stood before it, those that find it by its label came later.
std::string oldest_of(const std::set<std::string>& ids) {
  const auto oldest = std::ranges::min_element(ids, {}, [](const std::string& id) { return std::pair(id.size(), id); });
  return oldest == ids.end() ? "" : *oldest;
}

bool is_serving(const Json& server) { return label_of(server, label_out).empty(); }

struct Change {
  Cloud& cloud;
  const Resource& resource;
  const RemoteId& id;
  const Context& context;

  std::string wanted(const char* input) const { return json_string_or(resource.inputs, input); }
  Result<void> act(const std::string& action, const Json& body = nullptr) const {
    return hetzner::act(cloud, servers(), id, action, body, context);
  }
  Result<Json> read() const {
    auto json = TRY(cloud.inventory.read(servers(), cluster_of(resource), id, context));
    if (!json) return Error{ErrorCode::not_found, "it is gone: somebody destroyed it"};
    return std::move(*json);
  }
};

/// What others have begun, or what an earlier run did not see the end of.
Result<Json> when_idle(const Change& change) {
  Json json = TRY(change.read());
  if (!json.value("locked", false)) return json;
  const auto running = TRY(change.cloud.account.list(servers().path + "/" + change.id + "/actions", "actions",
                                                     {{"status", "running"}}, change.context));
  TRY(change.cloud.actions.await(running, change.context));
  return change.read();
}

Result<void> set_network(const Change& change, const Json& json) {
  const std::string wanted = change.wanted("network");
  const auto present = ids_in(json.value("private_net", Json::array()), "network");
  if (present.contains(wanted)) return {};
  return change.act("attach_to_network", {{"network", id_number(wanted)}});
}

Result<void> set_firewall(const Change& change, const Json& json) {
  const std::string wanted = change.wanted("firewall");
  const auto present = ids_in(json.value(Json::json_pointer("/public_net/firewalls"), Json::array()), "id");
  if (present.contains(wanted)) return {};
  const Json target = {{"type", "server"}, {"server", {{"id", id_number(change.id)}}}};
  return act(change.cloud, firewalls(), wanted, "apply_to_resources", {{"apply_to", Json::array({target})}},
             change.context);
}

Result<void> set_volumes(const Change& change, const Json& json) {
  const auto present = ids_in(json.value("volumes", Json::array()), "id");
  for (const auto& one : change.resource.inputs["volumes"]) {
    if (present.contains(one.get<std::string>())) continue;
    TRY(act(change.cloud, volumes(), one.get<std::string>(), "attach",
            {{"server", id_number(change.id)}, {"automount", false}}, change.context));
  }
  return {};
}

/// Asks the machine to stop, and pulls the plug when it does not.
Result<void> turn_off(const Change& change, const Json& json) {
  if (json_string_or(json, "status") == "off") return {};
  const auto asked = change.act("shutdown");
  const Clock& clock = change.cloud.account.clock();
  const Instant until = within(clock, shutdown_longest, change.context).deadline;
  while (asked.ok() && clock.now() + status_pause < until) {
    change.context.say("waiting for it to shut down");
    TRY(clock.sleep(status_pause, change.context));
    if (json_string_or(TRY(change.read()), "status") == "off") return {};
  }
  return change.act("poweroff");
}

/// The disk keeps its size, so that a smaller type stays possible.
Result<void> set_type(const Change& change, const Json& json) {
  const std::string wanted = change.wanted("type");
  if (cloud::is_wanted_type(change.resource.inputs, text_at(json, "/server_type/name"))) return {};
  TRY(turn_off(change, json));
  change.context.say("changing its type to " + wanted);
  return change.act("change_type", {{"server_type", wanted}, {"upgrade_disk", false}});
}

Result<void> set_power(const Change& change) {
  const std::string wanted = change.wanted("power");
  if (wanted != "on" && wanted != "off") return {};
  const std::string status = json_string_or(TRY(change.read()), "status");
  if (wanted == "off") return status == "off" ? Result<void>() : change.act("poweroff");  // a fence does not wait
  if (status != "off" && status != "stopping") return {};
  return change.act("poweron");
}

Result<void> set_backups(const Change& change, const Json& json) {
  const bool wanted = change.resource.inputs.value("backups", false);
  if (json.value("backup_window", Json()).is_string() == wanted) return {};
  return change.act(wanted ? "enable_backup" : "disable_backup");
}

/// Load balancers find it by its labels, of which the API takes all at once.
Result<void> set_serving(const Change& change, const Json& json) {
  const Json wanted = change.resource.inputs.value("serving", Json());
  if (!wanted.is_boolean() || wanted == is_serving(json)) return {};
  Json labels = json.value("labels", Json::object());
  labels.erase(label_out);
  if (wanted == false) labels[label_out] = "true";
  change.context.say(wanted == true ? "its load balancer sends it connections again"
                                    : "its load balancer sends it no new connections");
  change.cloud.inventory.mark_changed(servers());
  TRY(change.cloud.account.put(servers().path + "/" + change.id, {{"labels", labels}}, change.context));
  return {};
}

Result<void> set_protection(const Change& change, const Json& json) {
  const bool wanted = change.resource.inputs.value("protected", false);
  if (json.value(Json::json_pointer("/protection/delete"), false) == wanted) return {};
  return change.act("change_protection", {{"delete", wanted}, {"rebuild", wanted}});
}

}  // namespace

Attributes server_attributes(const Json& json) {
  const std::string status = json_string_or(json, "status");
  const std::string address = text_at(json, "/public_net/ipv4/ip");
  const Json nets = json.value("private_net", Json::array());
  const std::string inner = nets.empty() ? "" : json_string_or(nets.front(), "ip");
  const std::string first_key = cloud::host_key_from_label(label_of(json, label_host_key));
  const std::string own_key = cloud::host_key_from_label(label_of(json, label_new_host_key));
  const std::string& newest_key = own_key.empty() ? first_key : own_key;
  Attributes attributes = to_attributes({.address = address,
                                         .private_address = inner.empty() ? address : inner,
                                         .ssh_user = label_of(json, label_user),
                                         .host_key = newest_key,
                                         .is_on = status != "off" && status != "stopping"});
  if (!own_key.empty()) attributes["first_host_key"] = first_key;
  attributes["type"] = text_at(json, "/server_type/name");
  attributes["image"] = text_at(json, "/image/name");
  attributes["location"] = text_at(json, "/location/name");
  attributes["user"] = label_of(json, label_user);
  attributes["network"] = one_of(ids_in(nets, "network"), "");
  attributes["firewall"] =
      oldest_of(ids_in(json.value(Json::json_pointer("/public_net/firewalls"), Json::array()), "id"));
  attributes["serving"] = is_serving(json);
  attributes["protected"] = json.value(Json::json_pointer("/protection/delete"), false);
  attributes["backups"] = json.value("backup_window", Json()).is_string();
  const Json group = json.value("placement_group", Json());
  if (group.is_object()) attributes["placement_group"] = id_text(group.value("id", Json()));
  return attributes;
}

bool is_in_line(const Resource& resource, const Object& object) {
  if (!cloud::is_wanted_type(resource.inputs, json_string_or(object.attributes, "type"))) return false;
  return std::ranges::all_of(
      std::vector<std::string>{"network", "firewall", "power", "protected", "backups", "serving"},
      [&](const std::string& field) {
        const Json reported = object.attributes.value(field, Json());
        return resource.inputs.value(field, field == "serving" ? reported : Json()) == reported;
      });
}

Result<void> bring_in_line(Cloud& cloud, const Resource& resource, const RemoteId& id, const Context& context) {
  const Change change{cloud, resource, id, context};
  const Json json = TRY(when_idle(change));
  TRY(set_serving(change, json));
  TRY(set_network(change, json));
  TRY(set_firewall(change, json));
  TRY(set_volumes(change, json));
  TRY(set_type(change, json));
  TRY(set_power(change));
  TRY(set_backups(change, json));
  return set_protection(change, json);
}

Result<Object> read_server(Cloud& cloud, const Resource& resource, const RemoteId& id, const Context& context) {
  const Json json = TRY((Change{cloud, resource, id, context}.read()));
  return cloud::to_object(servers(), json, server_attributes);
}

}  // namespace skep::hetzner
