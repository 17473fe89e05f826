// Networks and subnets of the simulated Hetzner Cloud, and the places that servers and balancers get in them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_parts.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

bool is_private(const Cidr& range) {
  return std::ranges::any_of(std::vector<std::string>{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"},
                             [&](const std::string& one) { return parse_cidr(one)->contains(range); });
}

Cidr range_wanted(const Json& text, const std::string& field) {
  const auto range = parse_cidr(text);
  if (!range || range->is_v6) fail_input(field, "must be an IPv4 network without host bits");
  return *range;
}

const std::set<std::string> zones = {"eu-central", "us-east", "us-west", "ap-southeast"};

/// The first /24 of the network that no subnet uses.
std::string free_range(const Json& network) {
  const Cidr whole = *parse_cidr(network["ip_range"]);
  const std::uint32_t step = whole.length >= 24 ? 1U << (32 - whole.length) : 256;
  for (std::uint64_t at = whole.address; at + step - 1 <= whole.last(); at += step) {
    const Cidr candidate =
        *parse_cidr(fmt::format("{}/{}", cloud::ipv4_text(static_cast<std::uint32_t>(at)), std::max(whole.length, 24)));
    const bool is_free = std::ranges::none_of(
        network["subnets"], [&](const Json& one) { return parse_cidr(one["ip_range"])->overlaps(candidate); });
    if (is_free) return candidate.text;
  }
  fail_input("ip_range", "no room for another subnet");
}

Json subnet_wanted(const Json& network, const Json& wish, const std::string& field) {
  // an empty gateway is what an official client sends
  const Json body = checked_in(field, wish,
                               {{"type", "string", true},
                                {"ip_range", "string"},
                                {"network_zone", "string", true},
                                {"gateway", "string"},
                                {"vswitch_id", "id?"}});
  if (body["type"] != "cloud" && body["type"] != "server") fail_input(field + ".type", "must be 'cloud'");
  if (!zones.contains(body["network_zone"])) fail_input(field + ".network_zone", "is unknown");
  const Cidr range = range_wanted(body.value("ip_range", free_range(network)), field + ".ip_range");
  if (!parse_cidr(network["ip_range"])->contains(range)) {
    fail_input(field + ".ip_range", "must lie within the network");
  }
  for (const auto& other : network["subnets"]) {
    if (parse_cidr(other["ip_range"])->overlaps(range)) fail_input(field + ".ip_range", "overlaps another subnet");
  }
  const std::uint32_t gateway = parse_cidr(network["ip_range"])->address + 1;
  return {{"type", body["type"]},
          {"ip_range", range.text},
          {"network_zone", body["network_zone"]},
          {"gateway", cloud::ipv4_text(gateway)},
          {"vswitch_id", nullptr}};
}

Json route_wanted(const Json& wish) {
  const Json body = checked_in("routes", wish, {{"destination", "string", true}, {"gateway", "string", true}});
  if (!parse_cidr(body["destination"])) fail_input("destination", "is no network");
  if (!parse_ipv4(body["gateway"])) fail_input("gateway", "is no address");
  return body;
}

Answer create_network(World& world, const Call& call) {
  const Json body = checked(call.body, {{"name", "string", true},
                                        {"ip_range", "string", true},
                                        {"labels", "labels"},
                                        {"subnets", "array"},
                                        {"routes", "array"},
                                        {"expose_routes_to_vswitch", "boolean"}});
  check_name(body["name"]);
  const Cidr range = range_wanted(body["ip_range"], "ip_range");
  if (!is_private(range) || range.length > 24) fail_input("ip_range", "must be private and at least a /24");
  Json network = {{"name", body["name"]},
                  {"ip_range", range.text},
                  {"labels", body.value("labels", Json::object())},
                  {"subnets", Json::array()},
                  {"routes", Json::array()},
                  {"protection", {{"delete", false}}},
                  {"expose_routes_to_vswitch", body.value("expose_routes_to_vswitch", false)}};
  for (const auto& wish : body.value("subnets", Json::array())) {
    network["subnets"].push_back(subnet_wanted(network, wish, "subnets"));
  }
  for (const auto& wish : body.value("routes", Json::array())) network["routes"].push_back(route_wanted(wish));
  return {201, wrapped(world, "networks", world.add("networks", network))};
}

Json& quiet_network(World& world, const Call& call) {
  Json& network = world.get("networks", id_of(call));
  if (world.is_busy(network["id"], "network")) fail(409, "conflict", "the network is being changed");
  return network;
}

Answer begun_on_network(World& world, const Json& network, const std::string& command) {
  return {201, {{"action", world.begin({command, {{network["id"], "network"}}})}}};
}

Answer add_subnet(World& world, const Call& call) {
  Json& network = quiet_network(world, call);
  network["subnets"].push_back(subnet_wanted(network, call.body, "subnet"));
  return begun_on_network(world, network, "add_subnet");
}

Answer destroy_subnet(World& world, const Call& call) {
  Json& network = quiet_network(world, call);
  const Json range = checked(call.body, {{"ip_range", "string", true}})["ip_range"];
  const auto is_it = [&](const Json& one) { return one["ip_range"] == range; };
  if (std::ranges::none_of(network["subnets"], is_it)) fail(404, "not_found", "subnet not found");
  for (const auto* kind : {"servers", "load_balancers"}) {
    for (const auto& [id, object] : world.all(kind)) {
      for (const auto& one : object["_networks"]) {
        const std::uint32_t address = *parse_ipv4(one["ip"]);
        const Cidr cidr = *parse_cidr(range);
        if (one["network"] == network["id"] && address >= cidr.address && address <= cidr.last()) {
          fail(422, "resource_in_use", "the subnet still has members");
        }
      }
    }
  }
  erase_where(network["subnets"], is_it);
  return begun_on_network(world, network, "delete_subnet");
}

Answer change_range(World& world, const Call& call) {
  Json& network = quiet_network(world, call);
  const Cidr range = range_wanted(checked(call.body, {{"ip_range", "string", true}})["ip_range"], "ip_range");
  if (!range.contains(*parse_cidr(network["ip_range"]))) fail_input("ip_range", "can only be extended");
  if (!is_private(range)) fail_input("ip_range", "must be private");
  network["ip_range"] = range.text;
  return begun_on_network(world, network, "change_ip_range");
}

Answer add_route(World& world, const Call& call) {
  Json& network = quiet_network(world, call);
  network["routes"].push_back(route_wanted(call.body));
  return begun_on_network(world, network, "add_route");
}

Answer destroy_route(World& world, const Call& call) {
  Json& network = quiet_network(world, call);
  const Json route = route_wanted(call.body);
  erase_where(network["routes"], [&](const Json& one) { return one == route; });
  return begun_on_network(world, network, "delete_route");
}

Answer update_network(World& world, const Call& call) {
  Json& network = world.get("networks", id_of(call));
  const Json body =
      checked(call.body, {{"name", "string"}, {"labels", "labels"}, {"expose_routes_to_vswitch", "boolean"}});
  if (body.contains("name")) world.check_name_is_free("networks", body["name"], network["id"]);
  network.update(body);
  return {200, wrapped(world, "networks", network)};
}

/// Everything on it is detached.
Answer destroy_network(World& world, const Call& call) {
  const Json& network = quiet_network(world, call);
  check_not_protected(network);
  const Id id = network["id"];
  for (const auto* kind : {"servers", "load_balancers"}) {
    for (auto& [other, object] : world.all(kind)) {
      erase_where(object["_networks"], [&](const Json& one) { return one["network"] == id; });
    }
  }
  world.destroy("networks", id);
  return {204};
}

std::set<std::uint32_t> taken_in(World& world, Id network) {
  std::set<std::uint32_t> taken;
  for (const auto* kind : {"servers", "load_balancers"}) {
    for (const auto& [id, object] : world.all(kind)) {
      for (const auto& one : object["_networks"]) {
        if (one["network"] == network) taken.insert(*parse_ipv4(one["ip"]));
      }
    }
  }
  return taken;
}

}  // namespace

Json place_in_network(World& world, const Json& object, const Json& wish, const std::string& field) {
  const Json* network = world.find("networks", wish["network"]);
  if (network == nullptr) fail_input(field, "network not found");
  for (const auto& one : object["_networks"]) {
    if (one["network"] == wish["network"])
      fail(422, "server_already_attached", "it is attached to the network already");
    const Json* other = world.find("networks", one["network"]);
    if (other != nullptr && parse_cidr((*other)["ip_range"])->overlaps(*parse_cidr((*network)["ip_range"]))) {
      fail(422, "networks_overlap", "two networks of one server must not overlap");
    }
  }
  const auto taken = taken_in(world, (*network)["id"]);
  const std::uint32_t gateway = parse_cidr((*network)["ip_range"])->address + 1;
  const auto wanted = wish.contains("ip") ? parse_ipv4(wish["ip"]) : std::nullopt;
  if (wish.contains("ip") && !wanted) fail_input("ip", "is no address");
  bool has_subnet = false;
  for (const auto& subnet : (*network)["subnets"]) {
    if (subnet["network_zone"] != object["location"]["network_zone"]) continue;
    if (wish.contains("ip_range") && subnet["ip_range"] != wish["ip_range"]) continue;
    has_subnet = true;
    const Cidr range = *parse_cidr(subnet["ip_range"]);
    for (std::uint32_t at = range.address + 1; at < range.last(); ++at) {
      if (taken.contains(at) || at == gateway || (wanted && at != *wanted)) continue;
      return {
          {"network", (*network)["id"]},
          {"ip", cloud::ipv4_text(at)},
          {"alias_ips", wish.value("alias_ips", Json::array())},
          {"mac_address", fmt::format("86:00:00:{:02x}:{:02x}:{:02x}", (at >> 16) & 255, (at >> 8) & 255, at & 255)}};
    }
  }
  if (!has_subnet) fail(422, "no_subnet_available", "the network has no subnet in this zone");
  fail(422, "ip_not_available", "the address is not available in the network");
}

void add_network_routes(Routes& routes) {
  add_reading_routes(routes, "networks", true);
  add_protection_route(routes, "networks");
  routes.push_back({"PUT", "/networks/{}", update_network});
  routes.push_back({"POST", "/networks", create_network});
  routes.push_back({"DELETE", "/networks/{}", destroy_network});
  routes.push_back({"POST", "/networks/{}/actions/add_subnet", add_subnet});
  routes.push_back({"POST", "/networks/{}/actions/delete_subnet", destroy_subnet});
  routes.push_back({"POST", "/networks/{}/actions/change_ip_range", change_range});
  routes.push_back({"POST", "/networks/{}/actions/add_route", add_route});
  routes.push_back({"POST", "/networks/{}/actions/delete_route", destroy_route});
}

}  // namespace skep::testing::hetzner
