// Snapshots and images of the simulated DigitalOcean: what is kept of droplets is both.
#include <fmt/format.h>

#include <algorithm>

#include "tests/fakes/digitalocean_catalog.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

constexpr const char* distributions =
    "string in=Arch_Linux|CentOS|CoreOS|Debian|Fedora|Fedora_Atomic|FreeBSD|Gentoo|openSUSE|RancherOS|Rocky_Linux|"
    "Ubuntu|Unknown";

/// A form separates its words by blanks; these names have some.
void check_distribution(const Json& body) {
  std::string name = body.value("distribution", std::string("Unknown"));
  std::ranges::replace(name, ' ', '_');
  accepted({{"distribution", name}}, {{"distribution", distributions}});
}

Json as_snapshot(const Json& image) {
  return {{"id", image["id"].dump()},
          {"name", image["name"]},
          {"created_at", image["created_at"]},
          {"regions", image["regions"]},
          {"min_disk_size", image["min_disk_size"]},
          {"size_gigabytes", image["size_gigabytes"]},
          {"resource_id", image["_droplet"].dump()},
          {"resource_type", "droplet"},
          {"tags", image["tags"]}};
}

Answer list_snapshots(World& world, const Call& call) {
  const std::string type = value_of(call, "resource_type");
  if (!type.empty() && type != "droplet" && type != "volume") fail_input("resource_type must be droplet or volume");
  std::vector<Json> found;
  for (const Json* one : world.all("images")) {
    if (type != "volume" && (*one)["type"] == "snapshot") found.push_back(as_snapshot(*one));
  }
  for (const auto& one : world.listed("volume_snapshots")) {
    if (type != "droplet") found.push_back(one);
  }
  return list_answer(world, call, "snapshots", std::move(found));
}

/// 400 for an image that is none.
const Json* image_of_snapshot(World& world, const std::string& id) {
  const Json* image = world.find("images", id);
  if (image != nullptr && (*image)["type"] != "snapshot") fail(400, "the resource is not a snapshot");
  return image;
}

Answer one_snapshot(World& world, const Call& call) {
  if (const Json* image = image_of_snapshot(world, call.path[0])) return {200, {{"snapshot", as_snapshot(*image)}}};
  return {200, wrapped(world, "volume_snapshots", world.get("volume_snapshots", call.path[0]))};
}

Answer destroy_snapshot(World& world, const Call& call) {
  if (image_of_snapshot(world, call.path[0]) != nullptr) {
    world.destroy("images", call.path[0]);
  } else {
    world.destroy("volume_snapshots", key_of(world.get("volume_snapshots", call.path[0])));
  }
  return {204};
}

/// Public ones by slug or id, own ones by id.
const Json* find_image(World& world, const std::string& name) {
  if (const Json* own = world.find("images", name)) return own;
  const auto& list = public_images();
  const auto found =
      std::ranges::find_if(list, [&](const Json& one) { return one["slug"] == name || one["id"].dump() == name; });
  return found == list.end() ? nullptr : &*found;
}

Answer list_images(World& world, const Call& call) {
  const std::string type = value_of(call, "type");
  const std::string tag = value_of(call, "tag_name");
  std::vector<Json> found = world.listed("images");
  if (value_of(call, "private") != "true") found.insert(found.begin(), public_images().begin(), public_images().end());
  std::erase_if(found, [&](const Json& one) {
    return (!tag.empty() && !has_tag(one, tag)) || (type == "distribution" && one["type"] != "base") ||
           type == "application";
  });
  return list_answer(world, call, "images", std::move(found));
}

Json& own_image(World& world, const std::string& id) {
  Json* own = world.find("images", id);
  if (own == nullptr && find_image(world, id) != nullptr) fail(403, "You can not change a public image");
  if (own == nullptr) fail_missing();
  return *own;
}

Json new_image(World& world, const std::string& name, const std::string& type, const std::string& region) {
  return {{"id", world.next_id()}, {"name", name},           {"type", type},        {"distribution", "Unknown"},
          {"slug", nullptr},       {"public", false},        {"regions", {region}}, {"created_at", world.time_text()},
          {"min_disk_size", 0},    {"size_gigabytes", 2.36}, {"description", ""},   {"tags", Json::array()},
          {"status", "available"}, {"_droplet", nullptr}};
}

Answer import_image(World& world, const Call& call) {
  const Json body = accepted(call.body, {{"name!", "string 1.."},
                                         {"distribution", "string"},
                                         {"description", "string"},
                                         {"url!", "string 1.. like=^https?://"},
                                         {"region!", "string"},
                                         {"tags?", {"string"}}});
  check_distribution(body);
  Json image = new_image(world, body["name"], "custom", region_wanted(world, body["region"])["slug"]);
  image["status"] = "NEW";
  image["distribution"] = body.value("distribution", std::string("Unknown"));
  image["description"] = body.value("description", std::string());
  image["tags"] = tags_wanted(world, body.value("tags", Json::array()));
  const Json& made = world.add("images", image);
  world.later(std::chrono::seconds(20), [id = key_of(made)](World& w) {
    if (Json* one = w.find("images", id)) (*one)["status"] = "available";
  });
  return {202, wrapped(world, "images", made)};
}

Answer update_image(World& world, const Call& call) {
  Json& image = own_image(world, call.path[0]);
  const Json body =
      accepted(call.body, {{"name", "string 1.."}, {"distribution", "string"}, {"description", "string"}});
  check_distribution(body);
  image.update(body);
  return {200, wrapped(world, "images", image)};
}

Answer act_on_image(World& world, const Call& call) {
  const Json image = own_image(world, call.path[0]);
  const bool is_transfer = call.body.value("type", Json()) == "transfer";
  Json form = {{"type!", "string in=convert|transfer"}};
  if (is_transfer) form["region!"] = "string";
  const Json body = accepted(call.body, form);
  const std::string id = key_of(image);
  if (world.is_busy("images/" + id)) fail_input("Image already has a pending event.");
  const std::string region = is_transfer ? region_wanted(world, body["region"])["slug"] : image["regions"][0];
  return {201,
          {{"action", world.begin({.type = body["type"],
                                   .resource_type = "image",
                                   .resource_id = image["id"],
                                   .region = region,
                                   .locks = {"images/" + id},
                                   .effect = [id, region, is_transfer](World& w) {
                                     Json* one = w.find("images", id);
                                     if (one == nullptr) return;
                                     if (!is_transfer) (*one)["type"] = "snapshot";
                                     auto& regions = (*one)["regions"];
                                     const bool has = holds(regions, region);
                                     if (!has) regions.push_back(region);
                                   }})}}};
}

}  // namespace

Json image_wanted(World& world, const Json& slug_or_id) {
  const Json* found = find_image(world, text_of(slug_or_id));
  if (found == nullptr) fail_input("You specified an invalid image for Droplet creation.");
  if ((*found)["status"] != "available") fail_input("the image is not available yet");
  return visible(*found);
}

void keep_droplet_snapshot(World& world, Id droplet, const std::string& name, const std::string& type) {
  const Json source = world.get("droplets", std::to_string(droplet));
  Json image = new_image(world, name, type, source["_region"]);
  image["distribution"] = source["image"]["distribution"];
  image["min_disk_size"] = source["disk"];
  image["_droplet"] = droplet;
  world.add("images", image);
}

void add_snapshot_routes(Routes& routes) {
  routes.push_back({"GET", "/snapshots", list_snapshots});
  routes.push_back({"GET", "/snapshots/{}", one_snapshot});
  routes.push_back({"DELETE", "/snapshots/{}", destroy_snapshot});
}

void add_image_routes(Routes& routes) {
  routes.push_back({"GET", "/images", list_images});
  routes.push_back({"POST", "/images", import_image});
  routes.push_back({"GET", "/images/{}", [](World& world, const Call& call) {
                      const Json* image = find_image(world, call.path[0]);
                      if (image == nullptr) fail_missing();
                      return Answer{200, wrapped(world, "images", *image)};
                    }});
  routes.push_back({"PUT", "/images/{}", update_image});
  routes.push_back({"DELETE", "/images/{}", [](World& world, const Call& call) {
                      world.destroy("images", key_of(own_image(world, call.path[0])));
                      return Answer{204};
                    }});
  routes.push_back({"POST", "/images/{}/actions", act_on_image});
  add_thing_action_routes(routes, "images");
}

}  // namespace skep::testing::digitalocean
