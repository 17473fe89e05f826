// What can be done with a droplet of the simulated DigitalOcean while it exists.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tests/fakes/digitalocean_catalog.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

/// Changes the droplet if it is still there.
Effect on_droplet(Id id, std::function<void(Json&)> change) {
  return [id, change = std::move(change)](World& world) {
    if (Json* droplet = world.find("droplets", std::to_string(id))) change(*droplet);
  };
}

Effect to_status(Id id, const std::string& status) {
  return on_droplet(id, [status](Json& droplet) { droplet["status"] = status; });
}

void set_feature(Json& droplet, const std::string& feature, bool wanted) {
  erase_where(droplet["features"], [&](const Json& one) { return one == feature; });
  if (wanted) droplet["features"].push_back(feature);
}

Effect resize(World& world, const Json& droplet, const Json& body) {
  if (!body.contains("size")) fail_input("size is required");
  const Json type = size_wanted(world, body["size"], droplet["_region"]);
  if (droplet["status"] != "off") fail_input("The Droplet must be powered off before it can be resized.");
  if (body["size"] == droplet["size_slug"]) fail_input("The Droplet already has this size.");
  if (type["disk"] < droplet["disk"]) {
    fail_input("This size is not available because it has a smaller disk.");
  }
  const bool grows_disk = body.value("disk", false);
  return on_droplet(droplet["id"], [type, grows_disk](Json& one) {
    one["size_slug"] = type["slug"];
    if (grows_disk) one["disk"] = type["disk"];
  });
}

Effect rename(World&, const Json& droplet, const Json& body) {
  if (!body.contains("name")) fail_input("name is required");
  check_host_name(body["name"]);
  return on_droplet(droplet["id"], [name = body["name"]](Json& one) { one["name"] = name; });
}

Effect rebuild(World& world, const Json& droplet, const Json& body) {
  if (!body.contains("image")) fail_input("image is required");
  const Json image = image_wanted(world, body["image"]);
  if (image["min_disk_size"] > droplet["disk"]) fail_input("the image does not fit on the disk");
  return on_droplet(droplet["id"], [image](Json& one) {
    one["image"] = image;
    one["status"] = "active";
  });
}

Effect snapshot(World& world, const Json& droplet, const Json& body) {
  const Id id = droplet["id"];
  const std::string name =
      body.value("name", fmt::format("{}-{}", droplet["name"].get<std::string>(), world.time_text()));
  return [id, name](World& w) {
    if (w.find("droplets", std::to_string(id)) != nullptr) keep_droplet_snapshot(w, id, name, "snapshot");
  };
}

Effect enable_backups(World&, const Json& droplet, const Json& body) {
  check_no_backup_nonsense({{"backups", true}, {"backup_policy", body.value("backup_policy", Json::object())}});
  return on_droplet(droplet["id"], [policy = body.value("backup_policy", Json())](Json& one) {
    set_feature(one, "backups", true);
    one["_policy"] = policy;
  });
}

Effect change_policy(World&, const Json& droplet, const Json& body) {
  if (!body.contains("backup_policy")) fail_input("backup_policy is required");
  check_no_backup_nonsense({{"backups", true}, {"backup_policy", body["backup_policy"]}});
  const auto& features = droplet["features"];
  if (!holds(features, "backups")) fail_input("Backups are not enabled on this Droplet.");
  return on_droplet(droplet["id"], [policy = body["backup_policy"]](Json& one) { one["_policy"] = policy; });
}

Effect disable_backups(World&, const Json& droplet, const Json&) {
  return on_droplet(droplet["id"], [](Json& one) {
    set_feature(one, "backups", false);
    one["_policy"] = nullptr;
  });
}

Effect enable_ipv6(World&, const Json& droplet, const Json&) {
  return on_droplet(droplet["id"], [](Json& one) { set_feature(one, "ipv6", true); });
}

Effect start(World&, const Json& droplet, const Json&) { return to_status(droplet["id"], "active"); }

Effect restart(World&, const Json& droplet, const Json&) {
  if (droplet["status"] != "active") fail_input("The Droplet is not powered on.");
  return to_status(droplet["id"], "active");
}

Effect stop(World&, const Json& droplet, const Json&) { return to_status(droplet["id"], "off"); }

/// Ends when the guest has been told; it is off some time after.
Effect shutdown(World&, const Json& droplet, const Json&) {
  const Id id = droplet["id"];
  return [id](World& world) { world.later(std::chrono::milliseconds(2000), to_status(id, "off")); };
}

Effect nothing(World&, const Json&, const Json&) {
  return [](World&) {};
}

Effect change_kernel(World&, const Json&, const Json&) {
  fail_input("The kernel of this Droplet is managed from inside of it.");
}

using Begins = Effect (*)(World&, const Json& droplet, const Json& body);

const std::map<std::string, Begins>& begins() {
  static const std::map<std::string, Begins> table = {
      {"enable_backups", enable_backups},
      {"disable_backups", disable_backups},
      {"change_backup_policy", change_policy},
      {"reboot", restart},
      {"power_cycle", start},
      {"shutdown", shutdown},
      {"power_off", stop},
      {"power_on", start},
      {"restore", rebuild},
      {"password_reset", nothing},
      {"resize", resize},
      {"rebuild", rebuild},
      {"rename", rename},
      {"change_kernel", change_kernel},
      {"enable_ipv6", enable_ipv6},
      {"snapshot", snapshot},
  };
  return table;
}

Json begin_action(World& world, const Json& droplet, const Json& body) {
  const std::string type = body["type"];
  const auto found = begins().find(type);
  if (found == begins().end()) fail_input(fmt::format("{} is not a valid action type", type));
  check_no_event(world, droplet["id"]);
  return begin_droplet_action(world, droplet, type, found->second(world, droplet, body));
}

/// Which members go with which type; the rest is unknown to it.
Json checked_action(const Json& body) {
  static const std::map<std::string, Json> forms = {
      {"enable_backups", {{"backup_policy", backup_policy_form()}}},
      {"change_backup_policy", {{"backup_policy!", backup_policy_form()}}},
      {"restore", {{"image", "integer"}}},
      {"resize", {{"disk", "boolean"}, {"size", "string"}}},
      {"rebuild", {{"image", "string|integer"}}},
      {"rename", {{"name", "string 1.."}}},
      {"change_kernel", {{"kernel", "integer"}}},
      {"snapshot", {{"name", "string 1.."}}},
  };
  const auto more = body.contains("type") && body["type"].is_string() ? forms.find(body["type"]) : forms.end();
  Json form = more == forms.end() ? Json::object() : more->second;
  form["type!"] = "string";
  return accepted(body, form);
}

Answer act_on_droplet(World& world, const Call& call) {
  const Json droplet = world.get("droplets", call.path[0]);
  return {201, {{"action", begin_action(world, droplet, checked_action(call.body))}}};
}

/// Refused before any began, when one of them is busy.
Answer act_on_tagged(World& world, const Call& call) {
  const Json body = checked_action(call.body);
  static const std::vector<std::string> allowed = {"power_cycle", "power_on",       "power_off",       "shutdown",
                                                   "enable_ipv6", "enable_backups", "disable_backups", "snapshot"};
  if (std::ranges::find(allowed, body["type"].get<std::string>()) == allowed.end()) {
    fail_input("this action can not be done with many Droplets at once");
  }
  const auto ids = droplets_tagged(world, Json::array({value_of(call, "tag_name")}));
  for (const Id id : ids) check_no_event(world, id);
  Json actions = Json::array();
  for (const Id id : ids) {
    const Json droplet = world.get("droplets", std::to_string(id));
    actions.push_back(begin_action(world, droplet, body));
  }
  return {201, {{"actions", actions}}};
}

}  // namespace

void add_droplet_action_routes(Routes& routes) {
  add_thing_action_routes(routes, "droplets");
  routes.push_back({"POST", "/droplets/{}/actions", act_on_droplet});
  routes.push_back({"POST", "/droplets/actions", act_on_tagged});
}

}  // namespace skep::testing::digitalocean
