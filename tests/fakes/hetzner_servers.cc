// Making and destroying servers in the simulated Hetzner Cloud.
#include <fmt/format.h>

#include <algorithm>

#include "tests/fakes/hetzner_catalog.h"
#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_parts.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t user_data_bytes_limit = 32U << 10;
constexpr std::size_t group_limit = 10;

Json location_wanted(const Json& body) {
  const Json location = catalog_entry(locations(), body.value("location", Json("fsn1")));
  if (location.is_null()) fail_input("location", "location not found");
  return location;
}

Json type_wanted(World& world, const Json& body, const std::string& location) {
  const Json type = catalog_entry(server_types(), body["server_type"]);
  if (type.is_null()) fail_input("server_type", "server type not found");
  check_can_be_ordered(world, type, location);
  return type;
}

Json primary_ip_wanted(World& world, const Json& net, const std::string& type, const std::string& location) {
  if (!net.contains(type)) return nullptr;
  const Json* ip = world.find("primary_ips", net[type]);
  if (ip == nullptr) fail_input("public_net." + type, "primary IP not found");
  if ((*ip)["type"] != type) fail(412, "primary_ip_version_mismatch", "the primary IP is of the other version");
  if (!(*ip)["assignee_id"].is_null()) fail(422, "primary_ip_assigned", "the primary IP is assigned already");
  if ((*ip)["location"]["name"] != location) {
    fail(422, "primary_ip_datacenter_mismatch", "the primary IP is in another location");
  }
  return (*ip)["id"];
}

/// The members of public_net, filled and checked: which primary IPs are used, and which are made.
struct PublicNet {
  bool has_v4 = true;
  bool has_v6 = true;
  Json v4;  // the id of one that exists
  Json v6;
};

PublicNet public_net_wanted(World& world, const Json& body, const std::string& location) {
  const Json net =
      checked_in("public_net", body.value("public_net", Json::object()),
                 {{"enable_ipv4", "boolean"}, {"enable_ipv6", "boolean"}, {"ipv4", "id?"}, {"ipv6", "id?"}});
  PublicNet result{net.value("enable_ipv4", true), net.value("enable_ipv6", true), {}, {}};
  result.v4 = primary_ip_wanted(world, net, "ipv4", location);
  result.v6 = primary_ip_wanted(world, net, "ipv6", location);
  if (!result.has_v4 && !result.has_v6 && body.value("networks", Json::array()).empty()) {
    fail_input("public_net", "a server without public addresses needs a network");
  }
  return result;
}

void assign_addresses(World& world, const PublicNet& net, const Json& server) {
  const auto assign = [&](bool wanted, const Json& existing, const char* type) {
    if (!wanted) return;
    const Id id = existing.is_null() ? make_primary_ip(world, type, server["location"], true)["id"].get<Id>()
                                     : existing.get<Id>();
    Json& ip = world.get("primary_ips", id);
    ip["assignee_id"] = server["id"];
    ip["assignee_type"] = "server";
  };
  assign(net.has_v4, net.v4, "ipv4");
  assign(net.has_v6, net.v6, "ipv6");
}

void check_ssh_keys(World& world, const Json& keys) {
  for (const auto& key : keys) {
    const bool is_known = std::ranges::any_of(world.all("ssh_keys"), [&](const auto& one) {
      return key == one.second["name"] || key == one.first || key == std::to_string(one.first);
    });
    if (!is_known) fail_input("ssh_keys", "SSH key not found: " + key.dump());
  }
}

void check_volumes(World& world, const Json& volumes, const std::string& location) {
  for (const auto& id : volumes) {
    const Json* volume = world.find("volumes", id);
    if (volume == nullptr) fail_input("volumes", "volume not found");
    if (!(*volume)["server"].is_null()) fail(422, "volume_already_attached", "the volume is attached already");
    if ((*volume)["location"]["name"] != location) fail_input("volumes", "the volume is in another location");
    world.check_not_locked(id, "volume");
  }
}

Json firewalls_wanted(World& world, const Json& list) {
  Json result = Json::array();
  for (const auto& one : list) {
    const Json entry = checked_in("firewalls", one, {{"firewall", "id", true}});
    if (world.find("firewalls", entry["firewall"]) == nullptr) {
      fail(422, "firewall_resource_not_found", "firewall not found");
    }
    result.push_back({{"id", entry["firewall"]}, {"status", "pending"}});
  }
  if (result.size() > 5) fail_input("firewalls", "at most 5 firewalls per server");
  return result;
}

void check_group(World& world, const Json& body) {
  if (!body.contains("placement_group")) return;
  const Json* group = world.find("placement_groups", body["placement_group"]);
  if (group == nullptr) fail_input("placement_group", "placement group not found");
  if (render(world, "placement_groups", *group)["servers"].size() >= group_limit) {
    fail(422, "placement_error", "the placement group is full");
  }
}

Json checked_order(const Json& given) {
  Json body = checked(given, {{"name", "string", true},
                              {"server_type", "name_or_id", true},
                              {"image", "name_or_id", true},
                              {"location", "string"},
                              {"start_after_create", "boolean"},
                              {"placement_group", "id"},
                              {"ssh_keys", "array"},
                              {"volumes", "array"},
                              {"networks", "array"},
                              {"firewalls", "array"},
                              {"user_data", "string"},
                              {"labels", "labels"},
                              {"automount", "boolean"},
                              {"public_net", "object"}});
  check_host_name(body["name"]);
  if (body.value("user_data", std::string()).size() > user_data_bytes_limit) {
    fail_input("user_data", "must not be longer than 32 KiB");
  }
  if (body.value("automount", false) && body.value("volumes", Json::array()).empty()) {
    fail_input("automount", "needs volumes");
  }
  return body;
}

/// The object, once everything about the order has been found right.
Json new_server(const Json& body, const Json& type, const Json& image, const Json& location) {
  return {{"name", body["name"]},
          {"status", "initializing"},
          {"server_type", type},
          {"location", location},
          {"image", image},
          {"iso", nullptr},
          {"rescue_enabled", false},
          {"backup_window", nullptr},
          {"outgoing_traffic", nullptr},
          {"ingoing_traffic", nullptr},
          {"included_traffic", type["prices"][0]["included_traffic"]},
          {"protection", {{"delete", false}, {"rebuild", false}}},
          {"labels", body.value("labels", Json::object())},
          {"primary_disk_size", type["disk"]},
          {"_networks", Json::array()},
          {"_group", body.value("placement_group", Json())},
          {"_user_data", body.value("user_data", std::string())},
          {"_firewalls", Json::array()}};
}

void attach_volumes(World& world, const Json& body, Id id, Json& next_actions) {
  for (const auto& volume : body.value("volumes", Json::array())) {
    const Id volume_id = volume;
    next_actions.push_back(world.begin(
        {"attach_volume", {{volume_id, "volume"}, {id, "server"}}, milliseconds(3000), [id, volume_id](World& w) {
           w.get("volumes", volume_id)["server"] = id;
         }}));
  }
}

Answer create_server(World& world, const Call& call) {
  const Json body = checked_order(call.body);
  const Json location = location_wanted(body);
  const Json type = type_wanted(world, body, location["name"]);
  const Json image = image_wanted(world, body["image"], type["architecture"]);
  const PublicNet net = public_net_wanted(world, body, location["name"]);
  check_ssh_keys(world, body.value("ssh_keys", Json::array()));
  check_volumes(world, body.value("volumes", Json::array()), location["name"]);
  check_group(world, body);
  Json order = new_server(body, type, image, location);
  order["_firewalls"] = firewalls_wanted(world, body.value("firewalls", Json::array()));
  for (const auto& network : body.value("networks", Json::array())) {
    order["_networks"].push_back(place_in_network(world, order, {{"network", network}}, "networks"));
  }
  const bool starts = body.value("start_after_create", true);
  const Id id = world.add("servers", order)["id"];
  assign_addresses(world, net, world.get("servers", id));

  const Json action = world.begin({"create_server",
                                   {{id, "server"}},
                                   milliseconds(0),
                                   [id, starts](World& w) {
                                     Json& server = w.get("servers", id);
                                     server["status"] = starts ? "starting" : "off";
                                     for (auto& firewall : server["_firewalls"]) firewall["status"] = "applied";
                                   },
                                   [id](World& w) { w.get("servers", id)["status"] = "off"; }});
  Json next_actions = Json::array();
  if (starts) {
    next_actions.push_back(world.begin({"start_server", {{id, "server"}}, milliseconds(3000), [id](World& w) {
                                          w.get("servers", id)["status"] = "running";
                                        }}));
  }
  attach_volumes(world, body, id, next_actions);
  Json answer = wrapped(world, "servers", world.get("servers", id));
  answer["action"] = action;
  answer["next_actions"] = next_actions;
  answer["root_password"] =
      body.value("ssh_keys", Json::array()).empty() ? Json(fmt::format("Root{}Password", id)) : Json();
  return {201, answer};
}

void forget_server(World& world, Id id) {
  for (auto& [other, volume] : world.all("volumes")) {
    if (volume["server"] == id) volume["server"] = nullptr;
  }
  for (auto& [other, ip] : world.all("floating_ips")) {
    if (ip["server"] == id) ip["server"] = nullptr;
  }
  std::vector<Id> gone;
  for (auto& [other, ip] : world.all("primary_ips")) {
    if (ip["assignee_id"] != id) continue;
    ip["assignee_id"] = nullptr;
    ip["assignee_type"] = "unassigned";
    if (ip["auto_delete"] == true) gone.push_back(other);
  }
  for (const Id one : gone) world.destroy("primary_ips", one);
  const auto is_it = [&](const Json& target) { return target["type"] == "server" && target["server"]["id"] == id; };
  for (auto& [other, firewall] : world.all("firewalls")) erase_where(firewall["_targets"], is_it);
  for (auto& [other, balancer] : world.all("load_balancers")) erase_where(balancer["targets"], is_it);
  world.destroy("servers", id);
}

Answer destroy_server(World& world, const Call& call) {
  Json& server = world.get("servers", id_of(call));
  const Id id = server["id"];
  check_not_protected(server);
  world.check_not_locked(id, "server");
  server["status"] = "deleting";
  return {200, {{"action", world.begin({"delete_server", {{id, "server"}}, milliseconds(0), [id](World& w) {
                                          forget_server(w, id);
                                        }})}}};
}

}  // namespace

void check_can_be_ordered(World& world, const Json& type, const std::string& location) {
  if (!is_sold_in(type, location)) {
    fail(422, "invalid_input", fmt::format("unsupported location for server type {}", type["name"].get<std::string>()),
         {{"fields", {{{"name", "server_type"}, {"messages", {"is not sold in this location"}}}}}});
  }
  if (world.options.sold_out.contains({type["name"], location})) {
    fail(412, "resource_unavailable", "server type is currently not available in this location");
  }
}

Json image_wanted(World& world, const Json& wanted, const std::string& architecture) {
  Json all = system_images();
  for (const auto& [id, image] : world.all("images")) {
    if (image["status"] == "available") all.push_back(render(world, "images", image));
  }
  Json found;
  for (const auto& image : all) {
    const bool by_id = image["id"] == wanted || (wanted.is_string() && std::to_string(image["id"].get<Id>()) == wanted);
    if (by_id || (image["name"] == wanted && image["architecture"] == architecture)) found = image;
  }
  if (found.is_null()) fail_input("image", "image not found");
  if (found["architecture"] != architecture) fail_input("image", "the image is of another architecture");
  return found;
}

void add_server_routes(Routes& routes) {
  add_reading_routes(routes, "servers", true);
  add_update_route(routes, "servers");
  routes.push_back({"POST", "/servers", create_server});
  routes.push_back({"DELETE", "/servers/{}", destroy_server});
}

}  // namespace skep::testing::hetzner
