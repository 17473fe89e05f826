// Making, listing and destroying droplets in the simulated DigitalOcean.
#include <fmt/format.h>

#include <algorithm>

#include "planner/base/text.h"
#include "tests/fakes/digitalocean_catalog.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t user_data_bytes_limit = 64U << 10;
constexpr std::size_t names_limit = 10;

Json checked_order(const Json& given) {
  static const Json form = {{"name", "string 1.."},
                            {"names", {"string 1.."}},
                            {"region", "string"},
                            {"size!", "string"},
                            {"image!", "string|integer"},
                            {"ssh_keys", {"string|integer"}},
                            {"backups", "boolean"},
                            {"backup_policy", backup_policy_form()},
                            {"ipv6", "boolean"},
                            {"monitoring", "boolean"},
                            {"tags?", {"string"}},
                            {"user_data", "string"},
                            {"private_networking", "boolean"},
                            {"volumes", {"string"}},
                            {"vpc_uuid", "string"},
                            {"with_droplet_agent", "boolean"},
                            {"public_networking", "boolean"}};
  Json body = accepted(given, form);
  if (body.contains("name") == body.contains("names")) fail_input("either name or names is required");
  if (!body.contains("names")) body["names"] = Json::array({body["name"]});
  if (body["names"].empty() || body["names"].size() > names_limit) fail_input("names must hold 1 to 10 names");
  for (const auto& name : body["names"]) check_host_name(name);
  if (body.value("user_data", std::string()).size() > user_data_bytes_limit) {
    fail_input("user_data must not be longer than 64 KiB");
  }
  check_no_backup_nonsense(body);
  return body;
}

std::string region_of_order(World& world, const Json& body) {
  const std::string asked = body.value("region", std::string());
  if (!asked.empty()) return region_wanted(world, asked)["slug"];
  const Json found = size(world, body["size"]);
  if (found.is_null() || found["regions"].empty()) fail_input("You specified an invalid size for Droplet creation.");
  return found["regions"][0];
}

Json keys_wanted(World& world, const Json& keys) {
  Json ids = Json::array();
  for (const auto& key : keys) {
    const Json* found = world.find("ssh_keys", text_of(key));
    if (found == nullptr) found = world.find_by("ssh_keys", "fingerprint", key);
    if (found == nullptr) fail_input(fmt::format("{} are invalid key identifiers for Droplet creation.", text_of(key)));
    ids.push_back((*found)["id"]);
  }
  return ids;
}

void check_volumes(World& world, const Json& volumes, const std::string& region) {
  if (std::ssize(volumes) > volumes_per_droplet) fail_input("too many volumes for one Droplet");
  for (const auto& id : volumes) {
    const Json* volume = world.find("volumes", id);
    if (volume == nullptr) fail_input("You specified an invalid volume for Droplet creation.");
    if ((*volume)["_region"] != region) fail_input("the volume is in another region than the Droplet");
    if (!(*volume)["_droplet"].is_null()) fail_input("the volume is attached to another Droplet");
  }
}

/// The object, once everything about the order has been found right; the name comes with each.
Json new_droplet(World& world, const Json& body, const std::string& region) {
  const Json image = image_wanted(world, body["image"]);
  const Json type = size_wanted(world, body["size"], region);
  if (image["min_disk_size"] > type["disk"]) fail_input("the image does not fit on the disk of this size");
  Json features = Json::array();
  for (const auto* feature : {"backups", "ipv6", "monitoring"}) {
    if (body.value(feature, false)) features.push_back(feature);
  }
  if (body.value("with_droplet_agent", true)) features.push_back("droplet_agent");
  features.push_back("private_networking");
  return {{"status", "new"},
          {"created_at", world.time_text()},
          {"features", features},
          {"image", image},
          {"size_slug", body["size"]},
          {"disk", type["disk"]},
          {"kernel", nullptr},
          {"vpc_uuid", vpc_wanted(world, body.value("vpc_uuid", Json()), region)["id"]},
          {"_region", region},
          {"_policy", body.value("backup_policy", Json())},
          {"_user_data", body.value("user_data", std::string())},
          {"_is_public", body.value("public_networking", true)},
          {"_has_networks", false}};
}

/// From the image to a running system; its public address shows a little later.
Effect begin_life(Id id) {
  return [id](World& world) {
    Json* droplet = world.find("droplets", std::to_string(id));
    if (droplet == nullptr) return;
    (*droplet)["status"] = "active";
    world.later(milliseconds(300), [id](World& w) {
      if (Json* one = w.find("droplets", std::to_string(id))) (*one)["_has_networks"] = true;
    });
  };
}

/// One of the order: {droplet, link to its action}.
std::pair<Json, Json> make_droplet(World& world, const Json& body, const Json& name, Json order) {
  const Id id = world.next_id();
  order["id"] = id;
  order["name"] = name;
  order["_private"] = next_private_address(world, world.get("vpcs", order["vpc_uuid"]));
  order["_public"] = world.next_ipv4();
  Json& droplet = world.add("droplets", std::move(order));
  assign_to_project(world, fmt::format("do:droplet:{}", id), "");
  const Json action = begin_droplet_action(world, droplet, "create", begin_life(id));
  for (const auto& volume : body.value("volumes", Json::array())) world.get("volumes", volume)["_droplet"] = id;
  const std::string href = fmt::format("{}/v2/actions/{}", world.options.public_url, action["id"].get<Id>());
  return {render(world, "droplets", droplet), {{"id", action["id"]}, {"rel", "create"}, {"href", href}}};
}

Answer create_droplets(World& world, const Call& call) {
  const Json body = checked_order(call.body);
  const std::string region = region_of_order(world, body);
  const Json names = body["names"];
  const Json keys = keys_wanted(world, body.value("ssh_keys", Json::array()));
  check_volumes(world, body.value("volumes", Json::array()), region);
  if (names.size() > 1 && !body.value("volumes", Json::array()).empty()) {
    fail_input("a volume can be attached to one Droplet only");
  }
  world.check_limit("droplets", names.size());
  Json order = new_droplet(world, body, region);
  order["tags"] = tags_wanted(world, body.value("tags", Json::array()));
  order["_ssh_keys"] = keys;
  Json droplets = Json::array();
  Json links = Json::array();
  for (const auto& name : names) {
    auto [droplet, link] = make_droplet(world, body, name, order);
    droplets.push_back(std::move(droplet));
    links.push_back(std::move(link));
  }
  const Json actions = {{"actions", links}};
  if (body.contains("name")) return {202, {{"droplet", droplets[0]}, {"links", actions}}};
  return {202, {{"droplets", droplets}, {"links", actions}}};
}

Answer list_droplets(World& world, const Call& call) {
  const std::string tag = value_of(call, "tag_name");
  const std::string name = value_of(call, "name");
  if (!tag.empty() && !name.empty()) fail_input("tag_name and name can not be combined");
  std::vector<Json> found = world.listed("droplets");
  std::erase_if(found, [&](const Json& one) {
    return (!tag.empty() && !has_tag(one, tag)) ||
           (!name.empty() && lower_case(one["name"].get<std::string>()) != lower_case(name)) ||
           value_of(call, "type") == "gpus";
  });
  return list_answer(world, call, "droplets", std::move(found));
}

Answer destroy_one(World& world, const Call& call) {
  const Id id = world.get("droplets", call.path[0])["id"];
  check_no_event(world, id);
  destroy_droplet(world, id);
  return {204};
}

Answer destroy_tagged(World& world, const Call& call) {
  const std::string tag = value_of(call, "tag_name");
  if (tag.empty()) fail_input("tag_name is required");
  for (const Id id : droplets_tagged(world, Json::array({tag}))) destroy_droplet(world, id);
  return {204};
}

}  // namespace

Json& droplet_wanted(World& world, const Json& id) {
  Json* found = world.find("droplets", text_of(id));
  if (found == nullptr) fail_input(fmt::format("Droplet {} does not exist", text_of(id)));
  return *found;
}

void check_no_event(const World& world, Id droplet) {
  if (world.is_busy(fmt::format("droplets/{}", droplet))) fail_input("Droplet already has a pending event.");
}

Json begin_droplet_action(World& world, const Json& droplet, const std::string& type, Effect effect) {
  return world.begin({.type = type,
                      .resource_type = "droplet",
                      .resource_id = droplet["id"],
                      .region = droplet["_region"],
                      .locks = {"droplets/" + key_of(droplet)},
                      .effect = std::move(effect)});
}

Json size_wanted(World& world, const std::string& slug, const std::string& region) {
  Json found = size(world, slug);
  if (found.is_null()) fail_input("You specified an invalid size for Droplet creation.");
  if (!holds(found["regions"], region)) {
    fail_input("Size is not available in this region.");
  }
  return found;
}

/// It is gone for everyone but its VPC and its volumes, which notice a little later.
void destroy_droplet(World& world, Id id) {
  const std::string key = std::to_string(id);
  const Json droplet = world.get("droplets", key);
  for (Json* ip : world.all("reserved_ips")) {
    if ((*ip)["_droplet"] == id) (*ip)["_droplet"] = nullptr;
  }
  for (const auto* kind : {"firewalls", "load_balancers"}) {
    for (Json* one : world.all(kind)) {
      if (one->contains("droplet_ids"))
        erase_where((*one)["droplet_ids"], [&](const Json& other) { return other == id; });
    }
  }
  leave_project(world, "do:droplet:" + key);
  world.destroy("droplets", key);
  world.add("departing", droplet);
  begin_droplet_action(world, droplet, "destroy", [id, key](World& w) {
    for (Json* volume : w.all("volumes")) {
      if ((*volume)["_droplet"] == id) (*volume)["_droplet"] = nullptr;
    }
    w.destroy("departing", key);
  });
}

void add_droplet_routes(Routes& routes) {
  add_reading_route(routes, "droplets");
  routes.push_back({"GET", "/droplets", list_droplets});
  routes.push_back({"POST", "/droplets", create_droplets});
  routes.push_back({"DELETE", "/droplets", destroy_tagged});
  routes.push_back({"DELETE", "/droplets/{}", destroy_one});
  routes.push_back({"GET", "/droplets/{}/firewalls", [](World& world, const Call& call) {
                      const Json id = world.get("droplets", call.path[0])["id"];
                      std::vector<Json> found;
                      for (const Json* one : world.all("firewalls")) {
                        const Json& applied = (*one)["_applied"];
                        if (holds(applied, id)) {
                          found.push_back(render(world, "firewalls", *one));
                        }
                      }
                      return list_answer(world, call, "firewalls", found);
                    }});
}

}  // namespace skep::testing::digitalocean
