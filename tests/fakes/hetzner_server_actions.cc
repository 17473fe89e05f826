// What can be done with a server of the simulated Hetzner Cloud.
#include <fmt/format.h>

#include <algorithm>

#include "tests/fakes/hetzner_catalog.h"
#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_parts.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

using std::chrono::milliseconds;

Json& unlocked_server(World& world, const Call& call) {
  Json& server = world.get("servers", id_of(call));
  world.check_not_locked(server["id"], "server");
  return server;
}

Answer begun_on_server(
    World& world, const Json& server, const std::string& command, Effect effect = [](World&) {},
    std::vector<Resource> others = {}) {
  std::vector<Resource> resources = {{server["id"], "server"}};
  resources.insert(resources.end(), others.begin(), others.end());
  return {201, {{"action", world.begin({command, resources, milliseconds(0), std::move(effect)})}}};
}

Effect status_becomes(Id id, const char* status) {
  return [id, status](World& world) { world.get("servers", id)["status"] = status; };
}

Answer power_on(World& world, const Call& call) {
  Json& server = unlocked_server(world, call);
  server["status"] = "starting";
  return begun_on_server(world, server, "start_server", status_becomes(server["id"], "running"));
}

Answer power_off(World& world, const Call& call) {
  const Json& server = unlocked_server(world, call);
  return begun_on_server(world, server, "stop_server", status_becomes(server["id"], "off"));
}

/// Ends when the signal was sent; the machine is off a while later.
Answer shut_down(World& world, const Call& call) {
  const Json& server = unlocked_server(world, call);
  if (server["status"] != "running") fail(422, "server_not_started", "the server does not run");
  const Id id = server["id"];
  return begun_on_server(world, server, "shutdown_server", [id](World& w) {
    Json& stopping = w.get("servers", id);
    stopping["status"] = "stopping";
    w.begin({"stop_server", {}, milliseconds(2000), [id](World& later) {
               if (Json* one = later.find("servers", id); one != nullptr && (*one)["status"] == "stopping") {
                 (*one)["status"] = "off";
               }
             }});
  });
}

Handler restarting(const std::string& command) {
  return [command](World& world, const Call& call) {
    const Json& server = unlocked_server(world, call);
    if (server["status"] != "running") fail(422, "server_not_started", "the server does not run");
    return begun_on_server(world, server, command);
  };
}

Answer change_type(World& world, const Call& call) {
  const Json& server = unlocked_server(world, call);
  const Json body = checked(call.body, {{"server_type", "name_or_id", true}, {"upgrade_disk", "boolean", true}});
  const Json type = catalog_entry(server_types(), body["server_type"]);
  if (type.is_null()) fail_input("server_type", "server type not found");
  if (server["status"] != "off") fail(422, "server_not_stopped", "the server must be off");
  const Json& old = server["server_type"];
  if (type["name"] == old["name"]) fail(422, "invalid_server_type", "the server is of this type already");
  if (type["architecture"] != old["architecture"]) fail(422, "invalid_server_type", "another architecture");
  if (type["disk"] < server["primary_disk_size"]) fail(422, "invalid_server_type", "its disk is too small");
  check_can_be_ordered(world, type, server["location"]["name"]);
  const Id id = server["id"];
  const bool grows = body["upgrade_disk"];
  return begun_on_server(world, server, "change_server_type", [id, type, grows](World& w) {
    Json& changed = w.get("servers", id);
    changed["server_type"] = type;
    if (grows) changed["primary_disk_size"] = type["disk"];
  });
}

Answer attach_to_network(World& world, const Call& call) {
  Json& server = unlocked_server(world, call);
  const Json body =
      checked(call.body, {{"network", "id", true}, {"ip", "string"}, {"alias_ips", "array"}, {"ip_range", "string"}});
  Json placed = place_in_network(world, server, body, "network");
  placed["ready"] = false;
  server["_networks"].push_back(placed);
  const Id id = server["id"];
  const Id network = body["network"];
  return begun_on_server(world, server, "attach_to_network",
                         [id, network](World& w) {
                           for (auto& one : w.get("servers", id)["_networks"]) {
                             if (one["network"] == network) one["ready"] = true;
                           }
                         },
                         {{network, "network"}});
}

Answer detach_from_network(World& world, const Call& call) {
  const Json& server = unlocked_server(world, call);
  const Id id = server["id"];
  const Id network = checked(call.body, {{"network", "id", true}})["network"];
  const auto is_it = [network](const Json& one) { return one["network"] == network; };
  if (std::ranges::none_of(server["_networks"], is_it)) fail_input("network", "the server is not attached to it");
  return begun_on_server(world, server, "detach_from_network",
                         [id, is_it](World& w) { erase_where(w.get("servers", id)["_networks"], is_it); },
                         {{network, "network"}});
}

Answer change_alias_ips(World& world, const Call& call) {
  Json& server = unlocked_server(world, call);
  const Json body = checked(call.body, {{"network", "id", true}, {"alias_ips", "array", true}});
  for (auto& one : server["_networks"]) {
    if (one["network"] == body["network"]) one["alias_ips"] = body["alias_ips"];
  }
  return begun_on_server(world, server, "change_alias_ips");
}

Answer join_group(World& world, const Call& call) {
  Json& server = unlocked_server(world, call);
  const Id group = checked(call.body, {{"placement_group", "id", true}})["placement_group"];
  const Json shown = render(world, "placement_groups", world.get("placement_groups", group));
  if (!server["_group"].is_null())
    fail(422, "already_in_placement_group", "the server is in a placement group already");
  if (server["status"] != "off") fail(422, "server_not_stopped", "the server must be off");
  if (shown["servers"].size() >= 10) fail(422, "placement_error", "the placement group is full");
  server["_group"] = group;
  return begun_on_server(world, server, "add_to_placement_group");
}

Answer leave_group(World& world, const Call& call) {
  Json& server = unlocked_server(world, call);
  if (server["_group"].is_null()) fail(422, "not_in_placement_group", "the server is in no placement group");
  server["_group"] = nullptr;
  return begun_on_server(world, server, "remove_from_placement_group");
}

Answer change_protection(World& world, const Call& call) {
  Json& server = world.get("servers", id_of(call));
  const Json body = checked(call.body, {{"delete", "boolean"}, {"rebuild", "boolean"}});
  if (body.value("delete", false) != body.value("rebuild", false)) {
    fail_input("rebuild", "delete and rebuild must be equal");
  }
  server["protection"].update(body);
  return begun_on_server(world, server, "change_protection");
}

Answer create_image(World& world, const Call& call) {
  const Json& server = unlocked_server(world, call);
  const Json body = checked(call.body, {{"description", "string"}, {"type", "string"}, {"labels", "labels"}});
  const std::string type = body.value("type", std::string("snapshot"));
  if (type != "snapshot" && type != "backup") fail_input("type", "must be snapshot or backup");
  if (type == "backup" && server["backup_window"].is_null()) fail_input("type", "the server has no backups");
  const Id id = world.add("images", {{"type", type},
                                     {"status", "creating"},
                                     {"name", nullptr},
                                     {"description", body.value("description", std::string())},
                                     {"image_size", nullptr},
                                     {"disk_size", server["primary_disk_size"]},
                                     {"created_from", {{"id", server["id"]}, {"name", server["name"]}}},
                                     {"bound_to", type == "backup" ? server["id"] : Json()},
                                     {"os_flavor", server["image"]["os_flavor"]},
                                     {"os_version", server["image"]["os_version"]},
                                     {"rapid_deploy", false},
                                     {"protection", {{"delete", false}}},
                                     {"deprecated", nullptr},
                                     {"deleted", nullptr},
                                     {"labels", body.value("labels", Json::object())},
                                     {"architecture", server["server_type"]["architecture"]}})["id"];
  Answer answer = begun_on_server(world, server, "create_image",
                                  [id](World& w) {
                                    Json* image = w.find("images", id);
                                    if (image == nullptr) return;
                                    (*image)["status"] = "available";
                                    (*image)["image_size"] = 1.5;
                                  },
                                  {{id, "image"}});
  answer.body.update(wrapped(world, "images", world.get("images", id)));
  return answer;
}

Answer enable_backup(World& world, const Call& call) {
  Json& server = unlocked_server(world, call);
  checked(call.body, {});
  server["backup_window"] = "22-02";
  return begun_on_server(world, server, "enable_backup");
}

Answer disable_backup(World& world, const Call& call) {
  Json& server = unlocked_server(world, call);
  server["backup_window"] = nullptr;
  std::vector<Id> gone;
  for (const auto& [id, image] : world.all("images")) {
    if (image["bound_to"] == server["id"]) gone.push_back(id);
  }
  for (const Id id : gone) world.destroy("images", id);
  return begun_on_server(world, server, "disable_backup");
}

Answer change_dns_ptr(World& world, const Call& call) {
  const Json& server = unlocked_server(world, call);
  const Json body = checked(call.body, {{"ip", "string", true}, {"dns_ptr", "string?"}});
  for (auto& [id, ip] : world.all("primary_ips")) {
    if (ip["assignee_id"] == server["id"] && ip["type"] == "ipv4" && ip["ip"] == body["ip"]) {
      ip["dns_ptr"][0]["dns_ptr"] = body.value("dns_ptr", "static." + body["ip"].get<std::string>() + ".example.net");
      return begun_on_server(world, server, "change_dns_ptr");
    }
  }
  fail_input("ip", "is none of the server's");
}

Handler not_simulated(const std::string& what) {
  return [what](World& world, const Call& call) -> Answer {
    unlocked_server(world, call);
    fail(422, "unsupported_error", what + " is not simulated");
  };
}

}  // namespace

void add_server_action_routes(Routes& routes) {
  const std::map<std::string, Handler> handlers = {
      {"poweron", power_on},
      {"poweroff", power_off},
      {"shutdown", shut_down},
      {"reboot", restarting("reboot_server")},
      {"reset", restarting("reset_server")},
      {"change_type", change_type},
      {"attach_to_network", attach_to_network},
      {"detach_from_network", detach_from_network},
      {"change_alias_ips", change_alias_ips},
      {"add_to_placement_group", join_group},
      {"remove_from_placement_group", leave_group},
      {"change_protection", change_protection},
      {"create_image", create_image},
      {"enable_backup", enable_backup},
      {"disable_backup", disable_backup},
      {"change_dns_ptr", change_dns_ptr},
      {"rebuild", not_simulated("rebuilding")},
      {"enable_rescue", not_simulated("the rescue system")},
      {"disable_rescue", not_simulated("the rescue system")},
      {"attach_iso", not_simulated("an ISO")},
      {"detach_iso", not_simulated("an ISO")},
      {"reset_password", not_simulated("resetting passwords")},
      {"request_console", not_simulated("the console")},
  };
  for (const auto& [name, handler] : handlers) routes.push_back({"POST", "/servers/{}/actions/" + name, handler});
}

}  // namespace skep::testing::hetzner
