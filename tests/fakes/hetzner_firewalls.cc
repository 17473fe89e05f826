// Firewalls of the simulated Hetzner Cloud: their rules, and what they are applied to.
#include <algorithm>
#include <regex>

#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_parts.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

Json addresses_wanted(const Json& rule, const std::string& field, bool required) {
  Json result = Json::array();
  for (const auto& one : rule.value(field, Json::array())) {
    const auto cidr = one.is_string() ? parse_cidr(one) : std::nullopt;
    if (!cidr) fail_input("rules." + field, "is no network without host bits: " + one.dump());
    result.push_back(cidr->text);
  }
  if (result.size() > 100) fail_input("rules." + field, "at most 100 networks");
  if (required == result.empty()) fail_input("rules." + field, required ? "is required" : "does not fit the direction");
  return result;
}

Json port_wanted(const Json& rule) {
  const bool has_ports = rule["protocol"] == "tcp" || rule["protocol"] == "udp";
  if (!has_ports) {
    if (rule.contains("port")) fail_input("rules.port", "is for tcp and udp only");
    return nullptr;
  }
  static const std::regex form("([0-9]{1,5})(-([0-9]{1,5}))?");
  std::smatch match;
  const std::string port = rule.value("port", std::string());
  if (port == "any") return "1-65535";
  if (!std::regex_match(port, match, form)) fail_input("rules.port", "is no port or range of ports");
  const int first = std::stoi(match[1]);
  const int last = match[3].matched ? std::stoi(match[3]) : first;
  if (first < 1 || last > 65535 || first > last) fail_input("rules.port", "is out of range");
  return port;
}

Json rules_wanted(const Json& list) {
  if (list.size() > 50) fail_input("rules", "at most 50 rules");
  Json rules = Json::array();
  for (const auto& one : list) {
    const Json rule = checked_in("rules", one,
                                 {{"description", "string?"},
                                  {"direction", "string", true},
                                  {"source_ips", "array"},
                                  {"destination_ips", "array"},
                                  {"protocol", "string", true},
                                  {"port", "string?"}});
    static const std::vector<std::string> protocols = {"tcp", "udp", "icmp", "esp", "gre"};
    if (std::ranges::find(protocols, rule["protocol"].get<std::string>()) == protocols.end()) {
      fail_input("rules.protocol", "is unknown");
    }
    if (rule["direction"] != "in" && rule["direction"] != "out") fail_input("rules.direction", "must be in or out");
    if (rule.value("description", std::string()).size() > 255) fail_input("rules.description", "is too long");
    const bool is_in = rule["direction"] == "in";
    rules.push_back({{"description", rule.value("description", Json())},
                     {"direction", rule["direction"]},
                     {"source_ips", addresses_wanted(rule, "source_ips", is_in)},
                     {"destination_ips", addresses_wanted(rule, "destination_ips", !is_in)},
                     {"protocol", rule["protocol"]},
                     {"port", port_wanted(rule)}});
  }
  return rules;
}

Json target_wanted(World& world, const Json& one, int status) {
  const Json target =
      checked_in("apply_to", one, {{"type", "string", true}, {"server", "object"}, {"label_selector", "object"}});
  if (target["type"] == "server" && target.contains("server")) {
    const Id id = checked_in("apply_to.server", target["server"], {{"id", "id", true}})["id"];
    if (world.find("servers", id) == nullptr) fail(status, "firewall_resource_not_found", "server not found");
    return {{"type", "server"}, {"server", {{"id", id}}}};
  }
  if (target["type"] == "label_selector" && target.contains("label_selector")) {
    const Json selector =
        checked_in("apply_to.label_selector", target["label_selector"], {{"selector", "string", true}});
    check_selector(selector["selector"]);
    return {{"type", "label_selector"}, {"label_selector", selector}};
  }
  fail_input("apply_to", "needs a server or a label selector");
}

std::vector<Id> servers_of(World& world, const Json& target) {
  if (target["type"] == "server") return {target["server"]["id"]};
  std::vector<Id> ids;
  for (const auto& [id, server] : world.all("servers")) {
    if (matches_selector(server["labels"], target["label_selector"]["selector"])) ids.push_back(id);
  }
  return ids;
}

/// One action a server, as the service does.
Json apply(World& world, Id firewall, const Json& target) {
  Json actions = Json::array();
  for (const Id id : servers_of(world, target)) {
    Json& server = world.get("servers", id);
    const auto is_it = [&](const Json& one) { return one["id"] == firewall; };
    if (std::ranges::none_of(server["_firewalls"], is_it)) {
      if (server["_firewalls"].size() >= 5) fail_input("apply_to", "at most 5 firewalls per server");
      server["_firewalls"].push_back({{"id", firewall}, {"status", "pending"}});
    }
    const auto applied = [id, firewall](World& w) {
      Json* one = w.find("servers", id);
      if (one == nullptr) return;
      for (auto& entry : (*one)["_firewalls"]) {
        if (entry["id"] == firewall) entry["status"] = "applied";
      }
    };
    actions.push_back(world.begin({"apply_firewall", {{firewall, "firewall"}, {id, "server"}}, {}, applied}));
  }
  return actions;
}

Answer create_firewall(World& world, const Call& call) {
  const Json body =
      checked(call.body, {{"name", "string", true}, {"labels", "labels"}, {"rules", "array"}, {"apply_to", "array"}});
  check_name(body["name"]);
  Json firewall = {{"name", body["name"]},
                   {"labels", body.value("labels", Json::object())},
                   {"rules", rules_wanted(body.value("rules", Json::array()))},
                   {"_targets", Json::array()}};
  for (const auto& one : body.value("apply_to", Json::array())) {
    firewall["_targets"].push_back(target_wanted(world, one, 422));
  }
  const Json& made = world.add("firewalls", firewall);
  const Id id = made["id"];
  Json actions = Json::array({world.begin({"set_firewall_rules", {{id, "firewall"}}})});
  for (const auto& target : made["_targets"]) {
    for (const auto& action : apply(world, id, target)) actions.push_back(action);
  }
  Json answer = wrapped(world, "firewalls", made);
  answer["actions"] = actions;
  return {201, answer};
}

Answer set_rules(World& world, const Call& call) {
  Json& firewall = world.get("firewalls", id_of(call));
  firewall["rules"] = rules_wanted(checked(call.body, {{"rules", "array", true}})["rules"]);
  const Resource resource{firewall["id"], "firewall"};
  return {201, {{"actions", Json::array({world.begin({"set_firewall_rules", {resource}})})}}};
}

Answer apply_to(World& world, const Call& call) {
  Json& firewall = world.get("firewalls", id_of(call));
  Json targets = Json::array();
  const Json targets_given = checked(call.body, {{"apply_to", "array", true}})["apply_to"];
  for (const auto& one : targets_given) {
    targets.push_back(target_wanted(world, one, 404));
    if (std::ranges::find(firewall["_targets"], targets.back()) != firewall["_targets"].end()) {
      fail(422, "firewall_already_applied", "the firewall is applied to it already");
    }
  }
  Json actions = Json::array();
  for (const auto& target : targets) {
    firewall["_targets"].push_back(target);
    for (const auto& action : apply(world, firewall["id"], target)) actions.push_back(action);
  }
  return {201, {{"actions", actions}}};
}

/// Taking it away twice succeeds.
Answer take_from(World& world, const Call& call) {
  Json& firewall = world.get("firewalls", id_of(call));
  const Id id = firewall["id"];
  Json actions = Json::array();
  const Json targets_given = checked(call.body, {{"remove_from", "array", true}})["remove_from"];
  for (const auto& one : targets_given) {
    const Json target = target_wanted(world, one, 404);
    erase_where(firewall["_targets"], [&](const Json& other) { return other == target; });
    for (const Id server : servers_of(world, target)) {
      actions.push_back(
          world.begin({"remove_firewall", {{id, "firewall"}, {server, "server"}}, {}, [id, server](World& w) {
                         if (Json* found = w.find("servers", server)) {
                           erase_where((*found)["_firewalls"], [&](const Json& entry) { return entry["id"] == id; });
                         }
                       }}));
    }
  }
  return {201, {{"actions", actions}}};
}

Answer destroy_firewall(World& world, const Call& call) {
  const Json& firewall = world.get("firewalls", id_of(call));
  const Id id = firewall["id"];
  const bool is_used = std::ranges::any_of(world.all("servers"), [&](const auto& one) {
    return std::ranges::any_of(one.second["_firewalls"], [&](const Json& entry) { return entry["id"] == id; });
  });
  if (is_used || !firewall["_targets"].empty()) fail(422, "resource_in_use", "firewall is still in use");
  world.destroy("firewalls", id);
  return {204};
}

}  // namespace

void settle_firewall_selectors(World& world) {
  for (const auto& [id, firewall] : world.all("firewalls")) {
    for (const auto& target : firewall["_targets"]) {
      if (target["type"] != "label_selector") continue;
      for (const Id server : servers_of(world, target)) {
        const auto is_it = [firewall_id = id](const Json& entry) { return entry["id"] == firewall_id; };
        const Json& entries = world.get("servers", server)["_firewalls"];
        const Json one = {{"type", "server"}, {"server", {{"id", server}}}};
        if (std::ranges::none_of(entries, is_it) && entries.size() < 5) apply(world, id, one);
      }
    }
  }
}

void add_firewall_routes(Routes& routes) {
  add_reading_routes(routes, "firewalls", true);
  add_update_route(routes, "firewalls");
  routes.push_back({"POST", "/firewalls", create_firewall});
  routes.push_back({"DELETE", "/firewalls/{}", destroy_firewall});
  routes.push_back({"POST", "/firewalls/{}/actions/set_rules", set_rules});
  routes.push_back({"POST", "/firewalls/{}/actions/apply_to_resources", apply_to});
  routes.push_back({"POST", "/firewalls/{}/actions/remove_from_resources", take_from});
}

}  // namespace skep::testing::hetzner
