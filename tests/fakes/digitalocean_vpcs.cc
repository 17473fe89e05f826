// VPCs of the simulated DigitalOcean: their ranges, their members, the default one of a region.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tests/fakes/digitalocean_catalog.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

using cloud::Cidr;

constexpr const char* name_form = R"(string 1.. like=^[a-zA-Z0-9\-\.]+$)";

bool overlaps_another(World& world, const Cidr& range) {
  return std::ranges::any_of(world.all("vpcs"),
                             [&](const Json* one) { return cloud::parse_cidr((*one)["ip_range"])->overlaps(range); });
}

Cidr range_wanted(World& world, const std::string& text) {
  const auto range = cloud::parse_cidr(text);
  if (!range || range->is_v6) fail_input("ip_range is not a valid CIDR block");
  if (range->length < 16 || range->length > 28) fail_input("ip_range must have a size between /16 and /28");
  const auto is_in = [&](const char* block) { return cloud::parse_cidr(block)->contains(*range); };
  if (!is_in("10.0.0.0/8") && !is_in("172.16.0.0/12") && !is_in("192.168.0.0/16")) {
    fail_input("ip_range must be a private network (RFC 1918)");
  }
  for (const auto* own : {"10.244.0.0/16", "10.245.0.0/16", "10.246.0.0/24", "10.229.0.0/16"}) {
    if (cloud::parse_cidr(own)->overlaps(*range)) fail_input(fmt::format("ip_range overlaps the reserved {}", own));
  }
  if (overlaps_another(world, *range)) {
    fail_input("This range/size overlaps with another VPC network in your account");
  }
  return *range;
}

std::string free_range(World& world) {
  for (std::uint32_t third = 0; third < 4096; ++third) {
    const std::uint32_t address = (10U << 24) + (116U << 16) + (third << 12);
    const auto range = cloud::parse_cidr(cloud::ipv4_text(address) + "/20");
    if (!overlaps_another(world, *range)) return range->text;
  }
  fail_input("no range is left for another VPC");
}

void check_vpc_name(World& world, const std::string& name, const Json& except) {
  const Json* other = world.find_by("vpcs", "name", name);
  if (other != nullptr && (*other)["id"] != except) fail_input("name must be unique in your account");
}

Json& make_vpc(World& world, const std::string& name, const std::string& region, const std::string& range,
               bool is_default) {
  const std::string id = world.next_uuid();
  return world.add("vpcs", {{"id", id},
                            {"urn", "do:vpc:" + id},
                            {"name", name},
                            {"description", ""},
                            {"region", region},
                            {"ip_range", range},
                            {"default", is_default},
                            {"created_at", world.time_text()}});
}

Answer create_vpc(World& world, const Call& call) {
  const Json body = accepted(
      call.body,
      {{"name!", name_form}, {"description", "string 0..255"}, {"region!", "string 1.."}, {"ip_range", "string"}});
  if (region(world, body["region"]).is_null()) fail_input("region is invalid");
  check_vpc_name(world, body["name"], nullptr);
  const std::string wanted = body.value("ip_range", std::string());
  const std::string range = wanted.empty() ? free_range(world) : range_wanted(world, wanted).text;
  Json& vpc = make_vpc(world, body["name"], body["region"], range, false);
  vpc["description"] = body.value("description", std::string());
  return {201, wrapped(world, "vpcs", vpc)};
}

Answer change_vpc(World& world, const Call& call) {
  Json& vpc = world.get("vpcs", call.path[0]);
  Json form = {{"description", "string 0..255"}, {"default", "boolean"}};
  form[call.method == "PUT" ? "name!" : "name"] = name_form;
  const Json body = accepted(call.body, form);
  if (body.contains("name")) check_vpc_name(world, body["name"], vpc["id"]);
  if (body.contains("default") && body["default"] == false && vpc["default"] == true) {
    fail_input("a region needs a default VPC: make another one the default");
  }
  if (body.value("default", false)) {
    for (Json* other : world.all("vpcs")) {
      if ((*other)["region"] == vpc["region"]) (*other)["default"] = false;
    }
  }
  if (call.method == "PUT") vpc["description"] = "";
  vpc.update(body);
  return {200, wrapped(world, "vpcs", vpc)};
}

Answer destroy_vpc(World& world, const Call& call) {
  const Json& vpc = world.get("vpcs", call.path[0]);
  if (vpc["default"] == true) fail(403, "Can not delete default VPCs");
  if (!vpc_members(world, vpc["id"]).empty()) fail(403, "Can not delete VPC with members");
  if (has_peerings(world, vpc)) fail(403, "Can not delete VPC with peerings");
  world.destroy("vpcs", vpc["id"]);
  return {204};
}

Answer members(World& world, const Call& call) {
  std::vector<Json> found = vpc_members(world, world.get("vpcs", call.path[0])["id"]);
  const std::string type = value_of(call, "resource_type");
  std::erase_if(found, [&](const Json& one) {
    return !type.empty() && !one["urn"].get<std::string>().starts_with("do:" + type + ":");
  });
  return list_answer(world, call, "members", found);
}

}  // namespace

Json& vpc_wanted(World& world, const Json& uuid, const std::string& region) {
  if (!uuid.is_null() && uuid != "") {
    Json* found = world.find("vpcs", uuid);
    if (found == nullptr) fail_input("VPC not found");
    if ((*found)["region"] != region) fail_input("VPC is in another region");
    return *found;
  }
  for (Json* one : world.all("vpcs")) {
    if ((*one)["region"] == region && (*one)["default"] == true) return *one;
  }
  return make_vpc(world, "default-" + region, region, free_range(world), true);
}

std::string next_private_address(World& world, const Json& vpc) {
  std::set<std::string> taken;
  for (const auto* kind : {"droplets", "departing"}) {
    for (const Json* one : world.all(kind)) taken.insert((*one).value("_private", std::string()));
  }
  const Cidr range = *cloud::parse_cidr(vpc["ip_range"]);
  for (std::uint32_t address = range.address + 2; address < range.last(); ++address) {  // the first is the gateway
    if (!taken.contains(cloud::ipv4_text(address))) return cloud::ipv4_text(address);
  }
  fail_input("no address is left in the VPC");
}

std::vector<Json> vpc_members(World& world, const std::string& uuid) {
  std::vector<Json> found;
  for (const auto* kind : {"droplets", "departing", "load_balancers"}) {
    const std::string type = kind == std::string("load_balancers") ? "loadbalancer" : "droplet";
    for (const Json* one : world.all(kind)) {
      if ((*one)["vpc_uuid"] != uuid) continue;
      found.push_back({{"name", (*one)["name"]},
                       {"urn", fmt::format("do:{}:{}", type, key_of(*one))},
                       {"created_at", (*one)["created_at"]}});
    }
  }
  return found;
}

void add_vpc_routes(Routes& routes) {
  add_list_route(routes, "vpcs");
  add_reading_route(routes, "vpcs");
  routes.push_back({"POST", "/vpcs", create_vpc});
  routes.push_back({"PUT", "/vpcs/{}", change_vpc});
  routes.push_back({"PATCH", "/vpcs/{}", change_vpc});
  routes.push_back({"DELETE", "/vpcs/{}", destroy_vpc});
  routes.push_back({"GET", "/vpcs/{}/members", members});
}

}  // namespace skep::testing::digitalocean
