#include "providers/digitalocean/server_changes.h"

#include <algorithm>

#include "planner/base/text.h"
#include "providers/cloud/orders.h"
#include "providers/common/machine_fields.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

constexpr Duration shutdown_longest = std::chrono::seconds(90);  // then the plug is pulled
constexpr Duration status_pause = std::chrono::seconds(2);
constexpr Duration first_pause = std::chrono::milliseconds(250);  // addresses are late by a moment, as a rule

std::string address_of(const Json& json, const char* type) {
  for (const auto& one : cloud::part_of(json, "networks").value("v4", Json::array())) {
    if (json_string_or(one, "type") == type) return json_string_or(one, "ip_address");
  }
  return "";
}

/// Images of the user's own have no name for the API, only a number.
std::string image_of(const Json& json) {
  const Json image = cloud::part_of(json, "image");
  if (image.is_null()) return "";
  const std::string slug = json_string_or(image, "slug");
  return slug.empty() ? id_text(image.value("id", Json())) : slug;
}

struct Change {
  Cloud& cloud;
  const Resource& resource;
  const RemoteId& id;
  const Context& context;

  Result<void> act(const Json& body) const { return digitalocean::act(cloud, servers(), id, body, context); }
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
  const Json answer = TRY(change.cloud.account.get(servers().path + "/" + change.id + "/actions", {}, change.context));
  std::vector<Json> running = answer.value("actions", std::vector<Json>());
  std::erase_if(running, [](const Json& action) { return json_string_or(action, "status") != "in-progress"; });
  TRY(change.cloud.actions.await(running, change.context));
  return change.read();
}

Result<void> set_volumes(const Change& change, const Json& json) {
  const Json present = json.value("volume_ids", Json::array());
  for (const auto& one : change.resource.inputs["volumes"]) {
    if (cloud::holds(present, one)) continue;
    TRY(act(change.cloud, volumes(), one.get<std::string>(),
            {{"type", "attach"},
             {"droplet_id", id_number(change.id)},
             {"region", json_string_or(cloud::part_of(json, "region"), "slug")}},
            change.context));
  }
  return {};
}

/// Asks the machine to stop, and pulls the plug when it does not: that the request was sent is all that its action
/// says.
Result<void> turn_off(const Change& change, const Json& json) {
  if (json_string_or(json, "status") == "off") return {};
  const auto asked = change.act({{"type", "shutdown"}});
  const Clock& clock = change.cloud.account.clock();
  const Instant until = within(clock, shutdown_longest, change.context).deadline;
  while (asked.ok() && clock.now() + status_pause < until) {
    change.context.say("waiting for it to shut down");
    TRY(clock.sleep(status_pause, change.context));
    if (json_string_or(TRY(change.read()), "status") == "off") return {};
  }
  return change.act({{"type", "power_off"}});
}

/// The disk keeps its size, so that a smaller type stays possible.
Result<void> set_type(const Change& change, const Json& json) {
  if (cloud::is_wanted_type(change.resource.inputs, json_string_or(json, "size_slug"))) return {};
  const std::string wanted = json_string_or(change.resource.inputs, "type");
  TRY(turn_off(change, json));
  change.context.say("changing its size to " + wanted);
  return change.act({{"type", "resize"}, {"size", wanted}, {"disk", false}});
}

Result<void> set_power(const Change& change) {
  const std::string wanted = json_string_or(change.resource.inputs, "power");
  if (wanted != "on" && wanted != "off") return {};
  const bool is_off = json_string_or(TRY(change.read()), "status") == "off";
  if (wanted == "off") return is_off ? Result<void>() : change.act({{"type", "power_off"}});  // a fence does not wait
  if (!is_off) return {};
  return change.act({{"type", "power_on"}});
}

bool is_backed_up(const Json& json) { return cloud::holds(json.value("features", Json::array()), "backups"); }

/// Load balancers find it by the tag of its pool.
Result<void> set_serving(const Change& change, const Json& json) {
  const Json wanted = change.resource.inputs.value("serving", Json());
  if (!wanted.is_boolean() || wanted == has_pool_tag(json)) return {};
  const std::string tag = pool_tag(cluster_of(change.resource), json_string_or(change.resource.inputs, "pool"));
  change.context.say(wanted == true ? "its load balancer sends it connections again"
                                    : "its load balancer sends it no new connections");
  return tag_droplet(change.cloud, change.id, tag, wanted == true, change.context);
}

Result<void> set_backups(const Change& change, const Json& json) {
  const bool wanted = change.resource.inputs.value("backups", false);
  if (is_backed_up(json) == wanted) return {};
  return change.act({{"type", wanted ? "enable_backups" : "disable_backups"}});
}

}  // namespace

Attributes server_attributes(const Json& json) {
  const std::string address = address_of(json, "public");
  const std::string inner = address_of(json, "private");
  const std::string first_key = first_host_key_of(json);
  const std::string own_key = own_host_key_of(json);
  Attributes attributes = to_attributes({.address = address,
                                         .private_address = inner.empty() ? address : inner,
                                         .ssh_user = user_of(json),
                                         .host_key = own_key.empty() ? first_key : own_key,
                                         .is_on = json_string_or(json, "status") != "off"});
  if (!own_key.empty()) attributes["first_host_key"] = first_key;
  attributes["type"] = json_string_or(json, "size_slug");
  attributes["image"] = image_of(json);
  attributes["location"] = json_string_or(cloud::part_of(json, "region"), "slug");
  attributes["user"] = user_of(json);
  attributes["network"] = json_string_or(json, "vpc_uuid");
  attributes["serving"] = has_pool_tag(json);
  attributes["backups"] = is_backed_up(json);
  attributes["is_made"] = json_string_or(json, "status") != "new" && !address.empty();
  return attributes;
}

bool is_in_line(const Resource& resource, const Object& object) {
  return cloud::is_wanted_type(resource.inputs, json_string_or(object.attributes, "type")) &&
         std::ranges::all_of(std::vector<std::string>{"power", "backups", "serving"}, [&](const std::string& field) {
           const Json reported = object.attributes.value(field, Json());
           return resource.inputs.value(field, field == "serving" ? reported : Json()) == reported;
         });
}

Result<Object> bring_in_line(Cloud& cloud, const Resource& resource, const RemoteId& id, const Context& context) {
  const Change change{cloud, resource, id, context};
  const Json json = TRY(when_idle(change));
  TRY(set_serving(change, json));
  TRY(set_volumes(change, json));
  TRY(set_type(change, json));
  TRY(set_power(change));
  TRY(set_backups(change, json));
  return cloud::to_object(servers(), TRY(change.read()), server_attributes);
}

Result<bool> is_stillborn(Cloud& cloud, const RemoteId& id, const Context& context) {
  const Json answer = TRY(cloud.account.get(servers().path + "/" + id + "/actions", {}, context));
  const auto actions = answer.value("actions", std::vector<Json>());
  return std::ranges::any_of(actions, [](const Json& action) {
    return json_string_or(action, "type") == "create" && json_string_or(action, "status") == "errored";
  });
}

Result<Object> when_made(Cloud& cloud, const Resource& resource, Object object, const Context& context) {
  const RemoteId id = object.remote_id;
  const Change change{cloud, resource, id, context};
  for (Duration pause = first_pause; !object.attributes.value("is_made", false);
       pause = std::min(2 * pause, status_pause)) {
    context.say("waiting for its addresses");
    TRY(cloud.account.clock().sleep(pause, context).doing("wait until it has its addresses"));
    const Json json = TRY(change.read());
    object = cloud::to_object(servers(), json, server_attributes);
    if (json_string_or(json, "status") != "new" || json.value("locked", false)) continue;
    if (TRY(is_stillborn(cloud, id, context))) {
      return Error{ErrorCode::unavailable, "its creation ended in an error; DigitalOcean gives no reason",
                   "apply again; if it stays so, ask the provider"};
    }
  }
  return object;
}

}  // namespace skep::digitalocean
