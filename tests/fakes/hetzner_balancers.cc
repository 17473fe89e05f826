// Load balancers of the simulated Hetzner Cloud: services, targets, networks.
#include <algorithm>

#include "tests/fakes/hetzner_catalog.h"
#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_parts.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

void check_between(const Json& object, const std::string& field, int least, int most) {
  if (object.contains(field) && (object[field] < least || object[field] > most)) {
    fail_input(field, "must be between " + std::to_string(least) + " and " + std::to_string(most));
  }
}

Json health_check_wanted(const Json& service) {
  const Json usual = {
      {"protocol", "tcp"}, {"port", service["destination_port"]}, {"interval", 15}, {"timeout", 10}, {"retries", 3}};
  if (!service.contains("health_check")) return usual;
  Json check = checked_in("health_check", service["health_check"],
                          {{"protocol", "string", true},
                           {"port", "integer", true},
                           {"interval", "integer", true},
                           {"timeout", "integer", true},
                           {"retries", "integer", true},
                           {"http", "object"}});
  if (check["protocol"] != "tcp" && check["protocol"] != "http")
    fail_input("health_check.protocol", "must be tcp or http");
  check_between(check, "port", 1, 65535);
  check_between(check, "interval", 3, 60);
  check_between(check, "timeout", 1, 60);
  check_between(check, "retries", 1, 5);
  if (check["protocol"] == "http") {
    Json http = {
        {"domain", nullptr}, {"path", "/"}, {"response", ""}, {"status_codes", {"2??", "3??"}}, {"tls", false}};
    http.update(checked_in("health_check.http", check.value("http", Json::object()),
                           {{"domain", "string?"},
                            {"path", "string"},
                            {"response", "string"},
                            {"status_codes", "array"},
                            {"tls", "boolean"}}));
    check["http"] = http;
  } else if (check.contains("http")) {
    fail_input("health_check.http", "is for http only");
  }
  return check;
}

void check_certificates(const World& world, const Json& http) {
  const Json certificates = http.value("certificates", Json::array());
  if (certificates.empty()) fail_input("http.certificates", "https needs one");
  for (const auto& one : certificates) {
    if (!one.is_number_integer() || !world.options.certificates.contains(one)) {
      fail_input("http.certificates", "certificate not found");
    }
  }
}

Json service_wanted(const World& world, const Json& given, const Json& others) {
  Json service = checked_in("service", given,
                            {{"protocol", "string", true},
                             {"listen_port", "integer", true},
                             {"destination_port", "integer", true},
                             {"proxyprotocol", "boolean", true},
                             {"health_check", "object"},
                             {"http", "object"}});
  check_between(service, "listen_port", 1, 65535);
  check_between(service, "destination_port", 1, 65535);
  const bool is_secure = service["protocol"] == "https";
  if (service["protocol"] != "tcp" && service["protocol"] != "http" && !is_secure)
    fail_input("protocol", "must be tcp, http or https");
  for (const auto& other : others) {
    if (other["listen_port"] == service["listen_port"]) {
      fail(412, "source_port_already_used", "the port is listened on already");
    }
  }
  service["health_check"] = health_check_wanted(service);
  if (service["protocol"] != "tcp") {
    Json http = {
        {"cookie_name", "HCLBSTICKY"}, {"cookie_lifetime", 300}, {"timeout_idle", 50}, {"sticky_sessions", false}};
    if (is_secure) http.update({{"certificates", Json::array()}, {"redirect_http", false}});
    http.update(checked_in("http", service.value("http", Json::object()),
                           {{"cookie_name", "string"},
                            {"cookie_lifetime", "integer"},
                            {"timeout_idle", "integer"},
                            {"sticky_sessions", "boolean"},
                            {"certificates", "array"},
                            {"redirect_http", "boolean"}}));
    if (is_secure) check_certificates(world, http);
    service["http"] = http;
  } else if (service.contains("http")) {
    fail_input("http", "is for http only");
  }
  return service;
}

/// What names a target, without how it is reached.
Json target_named(World& world, const Json& given) {
  const Json target = checked_in("target", given,
                                 {{"type", "string", true},
                                  {"server", "object"},
                                  {"label_selector", "object"},
                                  {"ip", "object"},
                                  {"use_private_ip", "boolean"}});
  const std::string type = target["type"];
  if (!target.contains(type)) fail_input("type", "the target's own member is missing");
  if (type == "server") {
    const Json server = checked_in("server", target["server"], {{"id", "id", true}});
    if (world.find("servers", server["id"]) == nullptr) fail_input("server", "server not found");
    return {{"type", type}, {"server", server}};
  }
  if (type == "label_selector") {
    const Json selector = checked_in("label_selector", target[type], {{"selector", "string", true}});
    check_selector(selector["selector"]);
    return {{"type", type}, {"label_selector", selector}};
  }
  if (type == "ip") {
    const Json ip = checked_in("ip", target[type], {{"ip", "string", true}});
    if (!parse_ipv4(ip["ip"])) fail_input("ip", "is no address");
    return {{"type", type}, {"ip", ip}};
  }
  fail_input("type", "must be server, label_selector or ip");
}

bool names_same(const Json& left, const Json& right) {
  const std::string type = left["type"];
  return right["type"] == type && left[type] == right[type];
}

Json target_wanted(World& world, const Json& given, const Json& balancer) {
  Json target = target_named(world, given);
  const bool is_private = given.value("use_private_ip", false);
  if (target["type"] != "ip") target["use_private_ip"] = is_private;
  for (const auto& other : balancer["targets"]) {
    if (names_same(other, target)) fail(422, "target_already_defined", "the target is defined already");
  }
  if (is_private && balancer["_networks"].empty()) {
    fail(422, "load_balancer_not_attached_to_network", "the balancer must be attached to a network");
  }
  if (target["type"] == "server" && !is_private) {
    const Json server = render(world, "servers", world.get("servers", target["server"]["id"]));
    if (server["public_net"]["ipv4"].is_null()) fail_input("server", "the server has no public address");
  }
  if (balancer["targets"].size() >= balancer["load_balancer_type"]["max_targets"].get<std::size_t>()) {
    fail(403, "resource_limit_exceeded", "too many targets", {{"limits", {{{"name", "load_balancer_targets"}}}}});
  }
  return target;
}

Json new_balancer(const Json& body, const Json& type, const Json& location) {
  return {{"name", body["name"]},
          {"labels", body.value("labels", Json::object())},
          {"location", location},
          {"load_balancer_type", type},
          {"protection", {{"delete", false}}},
          {"services", Json::array()},
          {"targets", Json::array()},
          {"algorithm", body.value("algorithm", Json{{"type", "round_robin"}})},
          {"outgoing_traffic", nullptr},
          {"ingoing_traffic", nullptr},
          {"included_traffic", type["prices"][0]["included_traffic"]},
          {"_networks", Json::array()}};
}

Json location_wanted(const Json& body) {
  if (body.contains("location") == body.contains("network_zone")) fail_input("location", "either this or network_zone");
  if (body.contains("location")) {
    const Json location = catalog_entry(locations(), body["location"]);
    if (location.is_null()) fail_input("location", "location not found");
    return location;
  }
  for (const auto& location : locations()) {
    if (location["network_zone"] == body["network_zone"]) return location;
  }
  fail_input("network_zone", "is unknown");
}

void check_algorithm(const Json& algorithm) {
  const Json type = checked_in("algorithm", algorithm, {{"type", "string", true}})["type"];
  if (type != "round_robin" && type != "least_connections") fail_input("algorithm", "is unknown");
}

Answer create_balancer(World& world, const Call& call) {
  const Json body = checked(call.body, {{"name", "string", true},
                                        {"load_balancer_type", "name_or_id", true},
                                        {"algorithm", "object"},
                                        {"services", "array"},
                                        {"targets", "array"},
                                        {"labels", "labels"},
                                        {"public_interface", "boolean"},
                                        {"network", "id"},
                                        {"network_zone", "string"},
                                        {"location", "string"}});
  check_name(body["name"]);
  const Json type = catalog_entry(load_balancer_types(), body["load_balancer_type"]);
  if (type.is_null()) fail(422, "invalid_load_balancer_type", "load balancer type not found");
  if (body.contains("algorithm")) check_algorithm(body["algorithm"]);
  Json balancer = new_balancer(body, type, location_wanted(body));
  if (body.contains("network")) {
    balancer["_networks"].push_back(place_in_network(world, balancer, {{"network", body["network"]}}, "network"));
  }
  for (const auto& one : body.value("services", Json::array())) {
    balancer["services"].push_back(service_wanted(world, one, balancer["services"]));
  }
  for (const auto& one : body.value("targets", Json::array())) {
    balancer["targets"].push_back(target_wanted(world, one, balancer));
  }
  world.check_name_is_free("load_balancers", body["name"]);
  const std::string v4 = world.next_ipv4();
  balancer["public_net"] = {{"enabled", body.value("public_interface", true)},
                            {"ipv4", {{"ip", v4}, {"dns_ptr", "static." + v4 + ".example.net"}}},
                            {"ipv6", {{"ip", "2001:db8:ffff::1"}, {"dns_ptr", nullptr}}}};
  const Json& made = world.add("load_balancers", balancer);
  Json answer = wrapped(world, "load_balancers", made);
  answer["action"] = world.begin({"create_load_balancer", {{made["id"], "load_balancer"}}});
  return {201, answer};
}

Answer destroy_balancer(World& world, const Call& call) {
  const Json& balancer = world.get("load_balancers", id_of(call));
  check_not_protected(balancer);
  world.check_not_locked(balancer["id"], "load_balancer");
  world.destroy("load_balancers", balancer["id"]);
  return {204};
}

using Change = std::function<void(World&, Json& balancer, const Json& body)>;

/// An action that changes the balancer at once and ends a little later.
void add_change(Routes& routes, const std::string& name, const Change& change) {
  routes.push_back({"POST", "/load_balancers/{}/actions/" + name, [name, change](World& world, const Call& call) {
                      Json& balancer = world.get("load_balancers", id_of(call));
                      world.check_not_locked(balancer["id"], "load_balancer");
                      change(world, balancer, call.body);
                      const Resource resource{balancer["id"], "load_balancer"};
                      return Answer{201, {{"action", world.begin({name, {resource}})}}};
                    }});
}

void update_service(World& world, Json& balancer, const Json& body) {
  for (auto& service : balancer["services"]) {
    if (service["listen_port"] != body.value("listen_port", Json())) continue;
    Json merged = service;
    merged.merge_patch(body);
    Json others = balancer["services"];
    erase_where(others, [&](const Json& one) { return one["listen_port"] == merged["listen_port"]; });
    if (merged["health_check"]["protocol"] == "tcp") merged["health_check"].erase("http");
    service = service_wanted(world, merged, others);
    return;
  }
  fail(404, "not_found", "service not found");
}

void destroy_service(World&, Json& balancer, const Json& body) {
  const Json port = checked(body, {{"listen_port", "integer", true}})["listen_port"];
  const auto is_it = [&](const Json& one) { return one["listen_port"] == port; };
  if (std::ranges::none_of(balancer["services"], is_it)) fail(404, "not_found", "service not found");
  erase_where(balancer["services"], is_it);
}

void destroy_target(World& world, Json& balancer, const Json& body) {
  const Json target = target_named(world, body);
  const auto is_it = [&](const Json& one) { return names_same(one, target); };
  if (std::ranges::none_of(balancer["targets"], is_it)) fail(404, "not_found", "target not found");
  erase_where(balancer["targets"], is_it);
}

void attach(World& world, Json& balancer, const Json& body) {
  const Json wish = checked(body, {{"network", "id", true}, {"ip", "string"}, {"ip_range", "string"}});
  if (!balancer["_networks"].empty())
    fail(422, "load_balancer_already_attached", "it is attached to a network already");
  balancer["_networks"].push_back(place_in_network(world, balancer, wish, "network"));
}

void detach(World&, Json& balancer, const Json& body) {
  const Json network = checked(body, {{"network", "id", true}})["network"];
  if (std::ranges::any_of(balancer["targets"], [](const Json& one) { return one.value("use_private_ip", false); })) {
    fail(422, "targets_without_use_private_ip", "targets are reached over the network");
  }
  erase_where(balancer["_networks"], [&](const Json& one) { return one["network"] == network; });
}

void change_type(World&, Json& balancer, const Json& body) {
  const Json type = catalog_entry(load_balancer_types(),
                                  checked(body, {{"load_balancer_type", "name_or_id", true}})["load_balancer_type"]);
  if (type.is_null()) fail(422, "invalid_load_balancer_type", "load balancer type not found");
  balancer["load_balancer_type"] = type;
}

}  // namespace

void add_load_balancer_routes(Routes& routes) {
  add_reading_routes(routes, "load_balancers", true);
  add_update_route(routes, "load_balancers");
  add_protection_route(routes, "load_balancers");
  routes.push_back({"POST", "/load_balancers", create_balancer});
  routes.push_back({"DELETE", "/load_balancers/{}", destroy_balancer});
}

void add_load_balancer_action_routes(Routes& routes) {
  add_change(routes, "add_service", [](World& world, Json& balancer, const Json& body) {
    balancer["services"].push_back(service_wanted(world, body, balancer["services"]));
  });
  add_change(routes, "update_service", update_service);
  add_change(routes, "delete_service", destroy_service);
  add_change(routes, "add_target", [](World& world, Json& balancer, const Json& body) {
    balancer["targets"].push_back(target_wanted(world, body, balancer));
  });
  add_change(routes, "remove_target", destroy_target);
  add_change(routes, "attach_to_network", attach);
  add_change(routes, "detach_from_network", detach);
  add_change(routes, "change_algorithm", [](World&, Json& balancer, const Json& body) {
    check_algorithm(body);
    balancer["algorithm"] = body;
  });
  add_change(routes, "change_type", change_type);
  add_change(routes, "enable_public_interface",
             [](World&, Json& balancer, const Json&) { balancer["public_net"]["enabled"] = true; });
  add_change(routes, "disable_public_interface",
             [](World&, Json& balancer, const Json&) { balancer["public_net"]["enabled"] = false; });
  add_change(routes, "change_dns_ptr", [](World&, Json& balancer, const Json& given) {
    const Json body = checked(given, {{"ip", "string", true}, {"dns_ptr", "string?"}});
    balancer["public_net"]["ipv4"]["dns_ptr"] = body.value("dns_ptr", Json());
  });
}

}  // namespace skep::testing::hetzner
