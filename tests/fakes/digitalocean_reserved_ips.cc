// Reserved addresses of the simulated DigitalOcean, under their new name and the old one (floating IPs), and of IPv6.
#include <fmt/format.h>

#include "tests/fakes/digitalocean_catalog.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

/// One set of addresses under several names.
struct Family {
  std::string path;  // "floating_ips"
  std::string root;  // "floating_ip"
  std::string kind = "reserved_ips";
};

/// The member of the document's answers that is not of the world's.
Json shown_address(World& world, const Family& family, const Json& address) {
  return {{family.root, render(world, family.kind, address)}};
}

Json begin_address_action(World& world, const Family& family, const Json& address, const std::string& type,
                          const Json& droplet) {
  std::vector<std::string> locks = {family.kind + "/" + key_of(address)};
  if (!droplet.is_null()) locks.push_back("droplets/" + text_of(droplet));
  return world.begin({.type = type,
                      .resource_type = family.root,
                      .resource_id = address["_number"],
                      .region = address["_region"],
                      .locks = std::move(locks),
                      .effect = [kind = family.kind, key = key_of(address), droplet](World& w) {
                        Json* one = w.find(kind, key);
                        const bool is_there = droplet.is_null() || w.find("droplets", text_of(droplet)) != nullptr;
                        if (one != nullptr && is_there) (*one)["_droplet"] = droplet;
                      }});
}

Json assign(World& world, const Family& family, const Json& address, const Json& droplet_id) {
  const Json& droplet = droplet_wanted(world, droplet_id);
  if (droplet["_region"] != address["_region"]) fail_input("The address and the Droplet are in different regions.");
  if (address["_droplet"] == droplet["id"]) fail_input("The address is already assigned to this Droplet.");
  for (const Json* other : world.all(family.kind)) {
    if ((*other)["_droplet"] == droplet["id"]) fail_input("The Droplet already has a reserved IP.");
  }
  check_no_event(world, droplet["id"]);
  return begin_address_action(world, family, address, "assign_ip", droplet["id"]);
}

Json link_to(const World& world, const std::string& path, const Json& id, const std::string& rel) {
  return {{"id", id}, {"rel", rel}, {"href", fmt::format("{}/v2/{}/{}", world.options.public_url, path, id.dump())}};
}

Answer reserve(World& world, const Family& family, const Call& call) {
  const Json body =
      accepted(call.body, {{"droplet_id", "integer"}, {"region", "string 1.."}, {"project_id", "string"}});
  if (body.contains("droplet_id") == body.contains("region")) fail_input("either droplet_id or region is required");
  const std::string project = body.value("project_id", std::string());
  if (!project.empty() && world.find("projects", project) == nullptr) fail_input("project not found");
  const std::string region = body.contains("region")
                                 ? region_wanted(world, body["region"])["slug"].get<std::string>()
                                 : droplet_wanted(world, body["droplet_id"])["_region"].get<std::string>();
  if (body.contains("droplet_id")) check_no_event(world, body["droplet_id"]);
  world.check_limit(family.kind, 1);
  const std::string ip = world.next_ipv4();
  Json address = {{"ip", ip},
                  {"project_id", project.empty() ? default_project(world)["id"] : Json(project)},
                  {"_number", *cloud::parse_ipv4(ip)},
                  {"_region", region},
                  {"_droplet", nullptr}};
  Json links = Json::object();
  if (body.contains("droplet_id")) {
    const Json action = assign(world, family, address, body["droplet_id"]);
    links = {{"droplets", {link_to(world, "droplets", body["droplet_id"], "droplet")}},
             {"actions", {link_to(world, "actions", action["id"], "assign_ip")}}};
  }
  const Json& made = world.add(family.kind, address);
  assign_to_project(world, "do:floatingip:" + ip, project);
  Json answer = shown_address(world, family, made);
  answer["links"] = links;
  return {202, answer};
}

void check_address_idle(const World& world, const Family& family, const Json& address) {
  if (world.is_busy(family.kind + "/" + key_of(address))) fail_input("The address already has a pending event.");
}

Answer act_on_address(World& world, const Family& family, const Call& call) {
  const Json address = world.get(family.kind, call.path[0]);
  Json form = {{"type!", "string in=assign|unassign"}};
  if (call.body.value("type", Json()) == "assign") form["droplet_id!"] = "integer";
  const Json body = accepted(call.body, form);
  check_address_idle(world, family, address);
  Json action;
  if (body["type"] == "assign") {
    action = assign(world, family, address, body["droplet_id"]);
  } else {
    if (address["_droplet"].is_null()) fail_input("The address is not assigned.");
    action = begin_address_action(world, family, address, "unassign_ip", nullptr);
  }
  return {201, {{"action", action}}};
}

Answer release(World& world, const Family& family, const Call& call) {
  const Json address = world.get(family.kind, call.path[0]);
  check_address_idle(world, family, address);
  if (family.kind == "reserved_ipv6" && !address["_droplet"].is_null()) {
    fail_input("the address is assigned: unassign it first");
  }
  leave_project(world, "do:floatingip:" + key_of(address));
  world.destroy(family.kind, key_of(address));
  return {204};
}

Answer reserve_ipv6(World& world, const Family& family, const Call& call) {
  const Json body = accepted(call.body, {{"region_slug!", "string 1.."}});
  const std::string region = region_wanted(world, body["region_slug"])["slug"];
  const Id number = world.next_id();
  const Json& made = world.add(family.kind, {{"ip", fmt::format("2001:db8:6d60::{:x}", number & 0xFFFF)},
                                             {"region_slug", region},
                                             {"reserved_at", world.time_text()},
                                             {"_number", number},
                                             {"_region", region},
                                             {"_droplet", nullptr}});
  return {201, shown_address(world, family, made)};
}

void add_family(Routes& routes, const Family& family) {
  using Handler = Answer (*)(World&, const Family&, const Call&);
  const auto add = [&](const char* method, const std::string& rest, Handler handler) {
    routes.push_back({method, "/" + family.path + rest,
                      [family, handler](World& world, const Call& call) { return handler(world, family, call); }});
  };
  add("GET", "", [](World& world, const Family& one, const Call& call) {
    return list_answer(world, call, one.root + "s", world.listed(one.kind));
  });
  add("POST", "", family.kind == "reserved_ipv6" ? reserve_ipv6 : reserve);
  add("GET", "/{}", [](World& world, const Family& one, const Call& call) {
    return Answer{200, shown_address(world, one, world.get(one.kind, call.path[0]))};
  });
  add("DELETE", "/{}", release);
  add("POST", "/{}/actions", act_on_address);
  if (family.kind == "reserved_ipv6") return;
  add("GET", "/{}/actions", [](World& world, const Family& one, const Call& call) {
    const std::string key = key_of(world.get(one.kind, call.path[0]));
    return list_answer(world, call, "actions", world.actions_of(one.kind + "/" + key));
  });
  add("GET", "/{}/actions/{}", [](World& world, const Family& one, const Call& call) {
    world.get(one.kind, call.path[0]);
    return Answer{200, {{"action", world.action(call.path[1])}}};
  });
}

}  // namespace

void add_reserved_ip_routes(Routes& routes) {
  add_family(routes, {"reserved_ips", "reserved_ip"});
  add_family(routes, {"floating_ips", "floating_ip"});
  add_family(routes, {"reserved_ipv6", "reserved_ipv6", "reserved_ipv6"});
}

}  // namespace skep::testing::digitalocean
