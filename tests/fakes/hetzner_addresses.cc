// Floating IPs and primary IPs of the simulated Hetzner Cloud.
#include <fmt/format.h>

#include <algorithm>

#include "tests/fakes/hetzner_catalog.h"
#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_parts.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

void check_type(const Json& type) {
  if (type != "ipv4" && type != "ipv6") fail_input("type", "must be ipv4 or ipv6");
}

/// A new address of the type with its reverse name.
void give_address(World& world, Json& ip) {
  const bool is_v4 = ip["type"] == "ipv4";
  const std::string address = is_v4 ? world.next_ipv4() : world.next_ipv6_network();
  ip["ip"] = address;
  ip["dns_ptr"] = Json::array();
  if (is_v4) ip["dns_ptr"].push_back({{"ip", address}, {"dns_ptr", "static." + address + ".example.net"}});
  ip["blocked"] = false;
  ip["protection"] = {{"delete", false}};
}

Json& unlocked(World& world, const std::string& kind, const Call& call) {
  Json& ip = world.get(kind, id_of(call));
  world.check_not_locked(ip["id"], singular(kind));
  return ip;
}

Answer change_dns_ptr(World& world, const std::string& kind, const Call& call) {
  Json& ip = unlocked(world, kind, call);
  const Json body = checked(call.body, {{"ip", "string", true}, {"dns_ptr", "string?"}});
  erase_where(ip["dns_ptr"], [&](const Json& one) { return one["ip"] == body["ip"]; });
  const std::string usual = "static." + body["ip"].get<std::string>() + ".example.net";
  ip["dns_ptr"].push_back({{"ip", body["ip"]}, {"dns_ptr", body.value("dns_ptr", usual)}});
  return {201, {{"action", world.begin({"change_dns_ptr", {{ip["id"], singular(kind)}}})}}};
}

// Floating IPs

Json& server_wanted(World& world, const Json& id) {
  Json* server = world.find("servers", id);
  if (server == nullptr) fail_input("server", "server not found");
  return *server;
}

Answer create_floating_ip(World& world, const Call& call) {
  const Json body = checked(call.body, {{"type", "string", true},
                                        {"server", "id?"},
                                        {"home_location", "name_or_id"},
                                        {"description", "string?"},
                                        {"name", "string"},
                                        {"labels", "labels"}});
  check_type(body["type"]);
  if (body.contains("server") == body.contains("home_location")) fail_input("home_location", "either this or a server");
  const Json location = body.contains("server") ? server_wanted(world, body["server"])["location"]
                                                : catalog_entry(locations(), body["home_location"]);
  if (location.is_null()) fail_input("home_location", "location not found");
  Json ip = {{"name", body.value("name", fmt::format("floating-ip-{}", world.all("floating_ips").size() + 1))},
             {"type", body["type"]},
             {"description", body.value("description", std::string())},
             {"labels", body.value("labels", Json::object())},
             {"home_location", location},
             {"server", nullptr}};
  give_address(world, ip);
  Json& made = world.add("floating_ips", ip);
  const Id id = made["id"];
  Json answer = wrapped(world, "floating_ips", made);
  if (body.contains("server")) {
    const Id server = body["server"];
    answer["action"] = world.begin({"assign_floating_ip", {{id, "floating_ip"}, {server, "server"}}, {}, [=](World& w) {
                                      if (w.find("servers", server)) w.get("floating_ips", id)["server"] = server;
                                    }});
  }
  return {201, answer};
}

Answer assign_floating_ip(World& world, const Call& call) {
  const Json& ip = unlocked(world, "floating_ips", call);
  const Json body = checked(call.body, {{"server", "id", true}});
  server_wanted(world, body["server"]);
  if (!ip["server"].is_null() && ip["server"] != body["server"]) {
    fail(422, "floating_ip_assigned", "the floating IP is assigned to another server");
  }
  const Id id = ip["id"];
  const Id server = body["server"];
  const auto assigned = [=](World& w) {
    if (w.find("servers", server)) w.get("floating_ips", id)["server"] = server;
  };
  return {201,
          {{"action", world.begin({"assign_floating_ip", {{id, "floating_ip"}, {server, "server"}}, {}, assigned})}}};
}

Answer unassign_floating_ip(World& world, const Call& call) {
  const Json& ip = unlocked(world, "floating_ips", call);
  checked(call.body, {});
  const Id id = ip["id"];
  return {201, {{"action", world.begin({"unassign_floating_ip", {{id, "floating_ip"}}, {}, [id](World& w) {
                                          w.get("floating_ips", id)["server"] = nullptr;
                                        }})}}};
}

Answer destroy_floating_ip(World& world, const Call& call) {
  const Json& ip = unlocked(world, "floating_ips", call);
  check_not_protected(ip);
  if (!ip["server"].is_null()) fail(422, "must_be_unassigned", "the floating IP must be unassigned first");
  world.destroy("floating_ips", ip["id"]);
  return {204};
}

// Primary IPs

void check_can_take(World& world, const Json& ip, const Json& server_id) {
  const Json* server = world.find("servers", server_id);
  if (server == nullptr) fail_input("assignee_id", "server not found");
  if (!ip["assignee_id"].is_null()) fail(422, "primary_ip_already_assigned", "the primary IP is assigned already");
  if ((*server)["status"] != "off") fail(422, "server_not_stopped", "the server must be off");
  if ((*server)["location"]["name"] != ip["location"]["name"]) fail_input("assignee_id", "another location");
  for (const auto& [id, other] : world.all("primary_ips")) {
    if (other["assignee_id"] == server_id && other["type"] == ip["type"]) {
      fail(422, ip["type"] == "ipv4" ? "server_has_ipv4" : "server_has_ipv6", "the server has such an address already");
    }
  }
}

Effect assigned_to(Id id, Id server) {
  return [id, server](World& world) {
    if (world.find("servers", server) == nullptr) return;
    Json& ip = world.get("primary_ips", id);
    ip["assignee_id"] = server;
    ip["assignee_type"] = "server";
  };
}

Answer create_primary_ip(World& world, const Call& call) {
  const Json body = checked(call.body, {{"name", "string", true},
                                        {"type", "string", true},
                                        {"labels", "labels"},
                                        {"location", "name_or_id"},
                                        {"assignee_type", "string"},
                                        {"assignee_id", "id?"},
                                        {"auto_delete", "boolean"}});
  check_name(body["name"]);
  check_type(body["type"]);
  if (body.value("assignee_type", std::string("server")) != "server") fail_input("assignee_type", "must be server");
  if (body.contains("assignee_id") == body.contains("location")) fail_input("location", "either this or an assignee");
  world.check_name_is_free("primary_ips", body["name"]);
  Json location;
  if (body.contains("assignee_id")) {
    const Json* server = world.find("servers", body["assignee_id"]);
    if (server == nullptr) fail_input("assignee_id", "server not found");
    location = (*server)["location"];
    check_can_take(world, {{"assignee_id", nullptr}, {"location", location}, {"type", body["type"]}},
                   body["assignee_id"]);
  } else {
    location = catalog_entry(locations(), body["location"]);
    if (location.is_null()) fail_input("location", "location not found");
  }
  Json& ip = make_primary_ip(world, body["type"], location, body.value("auto_delete", false));
  ip["name"] = body["name"];
  ip["labels"] = body.value("labels", Json::object());
  Json answer = wrapped(world, "primary_ips", ip);
  if (body.contains("assignee_id")) {
    const Id id = ip["id"];
    const Id server = body["assignee_id"];
    answer["action"] =
        world.begin({"assign_primary_ip", {{id, "primary_ip"}, {server, "server"}}, {}, assigned_to(id, server)});
  }
  return {201, answer};
}

Answer assign_primary_ip(World& world, const Call& call) {
  const Json& ip = unlocked(world, "primary_ips", call);
  // ID is what an official client sends too
  const Json body = checked(call.body, {{"assignee_id", "id", true}, {"assignee_type", "string", true}, {"ID", "id"}});
  if (body["assignee_type"] != "server") fail_input("assignee_type", "must be server");
  check_can_take(world, ip, body["assignee_id"]);
  const Id id = ip["id"];
  const Id server = body["assignee_id"];
  return {
      201,
      {{"action",
        world.begin({"assign_primary_ip", {{id, "primary_ip"}, {server, "server"}}, {}, assigned_to(id, server)})}}};
}

Answer unassign_primary_ip(World& world, const Call& call) {
  const Json& ip = unlocked(world, "primary_ips", call);
  checked(call.body, {});
  if (ip["assignee_id"].is_null()) fail_input("assignee_id", "the primary IP is not assigned");
  if (world.get("servers", ip["assignee_id"])["status"] != "off")
    fail(422, "server_not_stopped", "the server must be off");
  const Id id = ip["id"];
  return {201, {{"action", world.begin({"unassign_primary_ip", {{id, "primary_ip"}}, {}, [id](World& w) {
                                          Json& freed = w.get("primary_ips", id);
                                          freed["assignee_id"] = nullptr;
                                          freed["assignee_type"] = "unassigned";
                                        }})}}};
}

Answer destroy_primary_ip(World& world, const Call& call) {
  const Json& ip = unlocked(world, "primary_ips", call);
  check_not_protected(ip);
  if (!ip["assignee_id"].is_null()) fail(422, "must_be_unassigned", "the primary IP must be unassigned first");
  world.destroy("primary_ips", ip["id"]);
  return {204};
}

}  // namespace

Json& make_primary_ip(World& world, const std::string& type, const Json& location, bool dies_with_server) {
  Json ip = {{"type", type},
             {"location", location},
             {"auto_delete", dies_with_server},
             {"assignee_id", nullptr},
             {"assignee_type", "unassigned"}};
  give_address(world, ip);
  Json& made = world.add("primary_ips", ip);
  made["name"] = fmt::format("primary_ip-{}", made["id"].get<Id>());
  return made;
}

void add_floating_ip_routes(Routes& routes) {
  add_reading_routes(routes, "floating_ips", true);
  add_update_route(routes, "floating_ips", {"description"});
  add_protection_route(routes, "floating_ips");
  routes.push_back({"POST", "/floating_ips", create_floating_ip});
  routes.push_back({"DELETE", "/floating_ips/{}", destroy_floating_ip});
  routes.push_back({"POST", "/floating_ips/{}/actions/assign", assign_floating_ip});
  routes.push_back({"POST", "/floating_ips/{}/actions/unassign", unassign_floating_ip});
  routes.push_back({"POST", "/floating_ips/{}/actions/change_dns_ptr",
                    [](World& world, const Call& call) { return change_dns_ptr(world, "floating_ips", call); }});
}

void add_primary_ip_routes(Routes& routes) {
  add_reading_routes(routes, "primary_ips", true);
  add_update_route(routes, "primary_ips", {"auto_delete"});
  add_protection_route(routes, "primary_ips");
  routes.push_back({"POST", "/primary_ips", create_primary_ip});
  routes.push_back({"DELETE", "/primary_ips/{}", destroy_primary_ip});
  routes.push_back({"POST", "/primary_ips/{}/actions/assign", assign_primary_ip});
  routes.push_back({"POST", "/primary_ips/{}/actions/unassign", unassign_primary_ip});
  routes.push_back({"POST", "/primary_ips/{}/actions/change_dns_ptr",
                    [](World& world, const Call& call) { return change_dns_ptr(world, "primary_ips", call); }});
}

}  // namespace skep::testing::hetzner
