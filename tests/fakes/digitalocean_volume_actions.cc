// Attaching, detaching and growing volumes of the simulated DigitalOcean.
#include <fmt/format.h>

#include <algorithm>

#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

Json begin_volume_action(World& world, const Json& volume, const std::string& type, const Json& droplet,
                         Effect effect) {
  std::vector<std::string> locks = {"volumes/" + key_of(volume)};
  if (!droplet.is_null()) locks.push_back("droplets/" + text_of(droplet));
  return world.begin({.type = type,
                      .resource_type = "volume",
                      .resource_id = nullptr,
                      .region = volume["_region"],
                      .locks = std::move(locks),
                      .effect = std::move(effect)});
}

void check_idle(World& world, const Json& volume, const Json& droplet) {
  if (world.is_busy("volumes/" + key_of(volume))) fail(409, "the volume has a pending event");
  if (!droplet.is_null()) check_no_event(world, droplet);
}

Json attach(World& world, const Json& volume, const Json& body) {
  const Json& droplet = droplet_wanted(world, body["droplet_id"]);
  if (droplet["_region"] != volume["_region"]) fail_input("the volume and the Droplet are in different regions");
  if (!volume["_droplet"].is_null()) fail_input("the volume is already attached to a Droplet");
  const auto attached =
      std::ranges::count_if(world.all("volumes"), [&](const Json* one) { return (*one)["_droplet"] == droplet["id"]; });
  if (attached >= volumes_per_droplet) fail_input("too many volumes for one Droplet");
  check_idle(world, volume, droplet["id"]);
  const Id droplet_id = droplet["id"];
  return begin_volume_action(world, volume, "attach_volume", droplet_id, [droplet_id, id = key_of(volume)](World& w) {
    Json* one = w.find("volumes", id);
    if (one != nullptr && w.find("droplets", std::to_string(droplet_id)) != nullptr) (*one)["_droplet"] = droplet_id;
  });
}

Json detach(World& world, const Json& volume, const Json& body) {
  if (volume["_droplet"].is_null() || volume["_droplet"] != body["droplet_id"]) {
    fail_input("the volume is not attached to this Droplet");
  }
  check_idle(world, volume, volume["_droplet"]);
  return begin_volume_action(world, volume, "detach_volume", volume["_droplet"], [id = key_of(volume)](World& w) {
    if (Json* one = w.find("volumes", id)) (*one)["_droplet"] = nullptr;
  });
}

Json grow(World& world, const Json& volume, const Json& body) {
  if (body["size_gigabytes"] <= volume["size_gigabytes"]) fail_input("the new size must be larger than the old one");
  check_idle(world, volume, nullptr);
  const Json size = body["size_gigabytes"];
  return begin_volume_action(world, volume, "resize_volume", nullptr, [size, id = key_of(volume)](World& w) {
    if (Json* one = w.find("volumes", id)) (*one)["size_gigabytes"] = size;
  });
}

Answer begin_wanted(World& world, const Json& volume, const Json& body) {
  const std::string region = body.value("region", std::string());
  if (!region.empty() && volume["_region"] != region) fail_input("the volume is in another region");
  const std::string type = body["type"];
  Json action = type == "attach"   ? attach(world, volume, body)
                : type == "detach" ? detach(world, volume, body)
                                   : grow(world, volume, body);
  if (type == "attach" && body.contains("tags")) {
    for (const auto& tag : tags_wanted(world, body["tags"]))
      world.get("volumes", key_of(volume))["tags"].push_back(tag);
  }
  return {202, {{"action", action}}};
}

/// The members that go with the type.
Json action_form(const Json& body, const std::vector<std::string>& types) {
  Json form = {{"type!", "string in=" + fmt::format("{}", fmt::join(types, "|"))}, {"region", "string"}};
  if (body.contains("type") && body["type"] == "resize") {
    form["size_gigabytes!"] = "integer 1..16384";
  } else {
    form["droplet_id!"] = "integer";
    if (body.contains("type") && body["type"] == "attach") form["tags?"] = {"string"};
  }
  return form;
}

Answer act_on_volume(World& world, const Call& call) {
  const Json volume = world.get("volumes", call.path[0]);
  return begin_wanted(world, volume, accepted(call.body, action_form(call.body, {"attach", "detach", "resize"})));
}

Answer act_by_name(World& world, const Call& call) {
  Json form = action_form(call.body, {"attach", "detach"});
  form["volume_name!"] = "string 1..";
  const Json body = accepted(call.body, form);
  for (const Json* one : world.all("volumes")) {
    const bool is_there = !body.contains("region") || (*one)["_region"] == body["region"];
    if ((*one)["name"] == body["volume_name"] && is_there) return begin_wanted(world, Json(*one), body);
  }
  fail_missing();
}

}  // namespace

void add_volume_action_routes(Routes& routes) {
  add_thing_action_routes(routes, "volumes");
  routes.push_back({"POST", "/volumes/{}/actions", act_on_volume});
  routes.push_back({"POST", "/volumes/actions", act_by_name});
}

}  // namespace skep::testing::digitalocean
