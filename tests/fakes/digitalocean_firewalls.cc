// Firewalls of the simulated DigitalOcean: their rules, and whom they reach.
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

constexpr std::size_t rules_limit = 50;
constexpr std::size_t droplets_limit = 10;

Json rules_form(const char* peers) {
  Json one = {{"protocol!", "string in=tcp|udp|icmp"}, {"ports!", "string 1.."}};
  one[std::string(peers) + "!"] = {{"addresses", {"string"}},
                                   {"droplet_ids", {"integer"}},
                                   {"load_balancer_uids", {"string"}},
                                   {"kubernetes_ids", {"string"}},
                                   {"tags?", {"string"}}};
  return Json::array({one});
}

Json rules_members() {
  return {{"inbound_rules?", rules_form("sources")}, {"outbound_rules?", rules_form("destinations")}};
}

std::string ports_wanted(const std::string& protocol, const std::string& ports) {
  if (protocol == "icmp" || ports == "all" || ports == "0") return "0";
  static const std::regex form("([0-9]{1,5})(-([0-9]{1,5}))?");
  std::smatch match;
  if (!std::regex_match(ports, match, form)) fail_input("ports must be a port, a range of ports or all");
  const int first = std::stoi(match[1]);
  const int last = match[3].matched ? std::stoi(match[3]) : first;
  if (first < 1 || last > 65535 || first > last) fail_input("ports is out of range");
  return ports;
}

void check_peers(World& world, const Json& peers, const std::string& name) {
  std::size_t count = 0;
  for (const auto& [kind, list] : peers.items()) count += list.size();
  if (count == 0) fail_input(name + " must name at least one peer");
  for (const auto& address : peers.value("addresses", Json::array())) {
    const std::string text = address;
    if (!cloud::parse_cidr(text) && !cloud::parse_ipv4(text) && !cloud::is_ipv6(text)) {
      fail_input(fmt::format("{} is not an address or a network", text));
    }
  }
  for (const auto& id : peers.value("droplet_ids", Json::array())) droplet_wanted(world, id);
  for (const auto& id : peers.value("load_balancer_uids", Json::array())) {
    if (world.find("load_balancers", id) == nullptr) fail_input("load balancer not found");
  }
  check_tags_exist(world, peers.value("tags", Json::array()));
}

/// As answers show them.
Json rules_wanted(World& world, const Json& body, const std::string& list, const std::string& peers) {
  Json rules = Json::array();
  for (const auto& one : body.value(list, Json::array())) {
    check_peers(world, one[peers], peers);
    rules.push_back({{"protocol", one["protocol"]}, {"ports", ports_wanted(one["protocol"], one["ports"])}});
    rules.back()[peers] = one[peers];
  }
  return rules;
}

Json droplets_wanted(World& world, const Json& ids) {
  Json result = Json::array();
  for (const auto& id : ids) {
    droplet_wanted(world, id);
    if (!holds(result, id)) result.push_back(id);
  }
  if (result.size() > droplets_limit) fail_input("a firewall can have at most 10 droplets by id: use tags");
  return result;
}

void check_rules(const Json& firewall) {
  const std::size_t count = firewall["inbound_rules"].size() + firewall["outbound_rules"].size();
  if (count == 0) fail_input("a firewall needs at least one rule");
  if (count > rules_limit) fail_input("a firewall can have at most 50 rules");
}

/// What a POST or PUT says, and the defaults for what it does not.
Json firewall_wanted(World& world, const Json& given, const Json& except) {
  Json form = rules_members();
  form.update({{"id", "string"},
               {"status", "string in=waiting|succeeded|failed"},
               {"created_at", "string"},
               {"pending_changes", {{{"droplet_id", "integer"}, {"removing", "boolean"}, {"status", "string"}}}},
               {"name!", R"(string 1..255 like=^[a-zA-Z0-9][a-zA-Z0-9\.-]+$)"},
               {"droplet_ids?", {"integer"}},
               {"tags?", {"string"}}});
  const Json body = accepted(given, form);
  const Json* other = world.find_by("firewalls", "name", body["name"]);
  if (other != nullptr && (*other)["id"] != except) fail(409, "duplicate name");
  check_tags_exist(world, body.value("tags", Json::array()));
  Json result = {{"name", body["name"]},
                 {"inbound_rules", rules_wanted(world, body, "inbound_rules", "sources")},
                 {"outbound_rules", rules_wanted(world, body, "outbound_rules", "destinations")},
                 {"droplet_ids", droplets_wanted(world, body.value("droplet_ids", Json::array()))},
                 {"tags", body.value("tags", Json::array())},
                 {"_fresh", true}};
  check_rules(result);
  return result;
}

Answer create_firewall(World& world, const Call& call) {
  Json firewall = firewall_wanted(world, call.body, nullptr);
  firewall.update({{"id", world.next_uuid()},
                   {"created_at", world.time_text()},
                   {"_wanted", Json::array()},
                   {"_applied", Json::array()},
                   {"_live", Json::object()},
                   {"_settling", false}});
  const Json made = world.add("firewalls", firewall);
  settle_firewalls(world);
  return {202, wrapped(world, "firewalls", world.get("firewalls", made["id"]))};
}

Answer replace_firewall(World& world, const Call& call) {
  Json& firewall = world.get("firewalls", call.path[0]);
  firewall.update(firewall_wanted(world, call.body, firewall["id"]));
  settle_firewalls(world);
  return {200, wrapped(world, "firewalls", firewall)};
}

Answer change_droplets(World& world, const Call& call) {
  Json& firewall = world.get("firewalls", call.path[0]);
  const Json ids = accepted(call.body, {{"droplet_ids!", {"integer"}}})["droplet_ids"];
  Json result = firewall["droplet_ids"];
  for (const auto& id : ids) {
    droplet_wanted(world, id);
    call.method == "POST" ? result.push_back(id) : erase_where(result, [&](const Json& one) { return one == id; });
  }
  firewall["droplet_ids"] = droplets_wanted(world, result);
  return {204};
}

Answer change_tags(World& world, const Call& call) {
  Json& firewall = world.get("firewalls", call.path[0]);
  const Json names = accepted(call.body, {{"tags!?", {"string"}}}).value("tags", Json::array());
  check_tags_exist(world, names);
  for (const auto& name : names) {
    erase_where(firewall["tags"], [&](const Json& one) { return one == name; });
    if (call.method == "POST") firewall["tags"].push_back(name);
  }
  return {204};
}

Answer change_rules(World& world, const Call& call) {
  Json& firewall = world.get("firewalls", call.path[0]);
  const Json body = accepted(call.body, rules_members());
  Json changed = firewall;
  for (const auto& [list, peers] :
       {std::pair("inbound_rules", "sources"), std::pair("outbound_rules", "destinations")}) {
    for (const auto& rule : rules_wanted(world, body, list, peers)) {
      erase_where(changed[list], [&](const Json& one) { return one == rule; });
      if (call.method == "POST") changed[list].push_back(rule);
    }
  }
  check_rules(changed);
  firewall = changed;
  firewall["_fresh"] = true;
  return {204};
}

Json ids_wanted(World& world, const Json& firewall) {
  std::vector<Id> ids = droplets_tagged(world, firewall["tags"]);
  for (const auto& id : firewall["droplet_ids"]) ids.push_back(id);
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

void apply(World& world, const std::string& id) {
  Json* firewall = world.find("firewalls", id);
  if (firewall == nullptr) return;
  (*firewall)["_applied"] = (*firewall)["_wanted"];
  (*firewall)["_live"] = {{"in", (*firewall)["inbound_rules"]}, {"out", (*firewall)["outbound_rules"]}};
  (*firewall)["_fresh"] = false;
  (*firewall)["_settling"] = false;
}

}  // namespace

void settle_firewalls(World& world) {
  for (Json* firewall : world.all("firewalls")) {
    (*firewall)["_wanted"] = ids_wanted(world, *firewall);
    const bool is_settled = (*firewall)["_wanted"] == (*firewall)["_applied"] && (*firewall)["_fresh"] == false;
    if (is_settled || (*firewall)["_settling"] == true) continue;
    (*firewall)["_settling"] = true;
    world.later(std::chrono::milliseconds(1200), [id = key_of(*firewall)](World& w) {
      settle_firewalls(w);  // what came meanwhile is in it
      apply(w, id);
    });
  }
}

void add_firewall_routes(Routes& routes) {
  add_list_route(routes, "firewalls");
  add_reading_route(routes, "firewalls");
  add_destroy_route(routes, "firewalls");
  routes.push_back({"POST", "/firewalls", create_firewall});
  routes.push_back({"PUT", "/firewalls/{}", replace_firewall});
  for (const auto* method : {"POST", "DELETE"}) {
    routes.push_back({method, "/firewalls/{}/droplets", change_droplets});
    routes.push_back({method, "/firewalls/{}/tags", change_tags});
    routes.push_back({method, "/firewalls/{}/rules", change_rules});
  }
}

}  // namespace skep::testing::digitalocean
