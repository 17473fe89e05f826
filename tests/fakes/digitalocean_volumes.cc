// Volumes of the simulated DigitalOcean: making, listing, destroying them and keeping snapshots of them.
#include <fmt/format.h>

#include <algorithm>

#include "tests/fakes/digitalocean_catalog.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

void check_file_system(const Json& body) {
  const std::string type = body.value("filesystem_type", std::string());
  const std::string label = body.value("filesystem_label", std::string());
  if (!type.empty() && type != "ext4" && type != "xfs") fail(400, "filesystem_type must be ext4 or xfs");
  if (label.size() > (type == "xfs" ? 12U : 16U)) fail(400, "filesystem_label is too long");
  if (!label.empty() && type.empty()) fail(400, "filesystem_label needs a filesystem_type");
}

/// Its size is what a volume from it needs at least.
const Json* snapshot_wanted(World& world, const Json& body, const std::string& region) {
  const std::string id = body.value("snapshot_id", std::string());
  if (id.empty()) return nullptr;
  const Json* snapshot = world.find("volume_snapshots", id);
  if (snapshot == nullptr) fail(404, "snapshot not found");
  const Json& regions = (*snapshot)["regions"];
  if (!holds(regions, region)) fail(400, "the snapshot is in another region");
  if (body["size_gigabytes"] < (*snapshot)["min_disk_size"]) fail(400, "the volume is smaller than the snapshot");
  return snapshot;
}

Answer create_volume(World& world, const Call& call) {
  const Json body = accepted(call.body,
                             {{"id", "string"},
                              {"droplet_ids?", {"integer"}},
                              {"name!", "string 1..64 like=^[a-z][a-z0-9-]*$"},
                              {"description", "string"},
                              {"size_gigabytes!", "integer 1..16384"},
                              {"created_at", "string"},
                              {"tags?", {"string"}},
                              {"snapshot_id", "string"},
                              {"filesystem_type", "string"},
                              {"region!", "string"},
                              {"filesystem_label", "string 0..16"}},
                             400);
  check_file_system(body);
  const std::string region = body["region"];
  if (digitalocean::region(world, region).is_null()) fail(400, "region is invalid");
  for (const Json* other : world.all("volumes")) {
    if ((*other)["name"] == body["name"] && (*other)["_region"] == region) {
      fail(409, "a volume with the same name already exists in this region");
    }
  }
  const Json* snapshot = snapshot_wanted(world, body, region);
  const std::string file_system = snapshot == nullptr ? body.value("filesystem_type", std::string())
                                                      : (*snapshot)["_filesystem_type"].get<std::string>();
  const Json& volume = world.add("volumes", {{"id", world.next_uuid()},
                                             {"name", body["name"]},
                                             {"description", body.value("description", std::string())},
                                             {"size_gigabytes", body["size_gigabytes"]},
                                             {"created_at", world.time_text()},
                                             {"filesystem_type", file_system},
                                             {"filesystem_label", body.value("filesystem_label", std::string())},
                                             {"tags", tags_wanted(world, body.value("tags", Json::array()))},
                                             {"_region", region},
                                             {"_droplet", nullptr}});
  assign_to_project(world, "do:volume:" + key_of(volume), "");
  return {201, wrapped(world, "volumes", volume)};
}

bool has_name_and_region(const Call& call, const Json& volume) {
  const std::string name = value_of(call, "name");
  const std::string region = value_of(call, "region");
  return (name.empty() || volume["name"] == name) && (region.empty() || volume["region"]["slug"] == region);
}

Answer list_volumes(World& world, const Call& call) {
  std::vector<Json> found = world.listed("volumes");
  std::erase_if(found, [&](const Json& one) { return !has_name_and_region(call, one); });
  return list_answer(world, call, "volumes", std::move(found));
}

void destroy(World& world, const Json& volume) {
  const std::string id = key_of(volume);
  if (!volume["_droplet"].is_null()) fail(409, "failed to delete volume: the volume is attached to a droplet");
  if (world.is_busy("volumes/" + id)) fail(409, "failed to delete volume: it has a pending event");
  leave_project(world, "do:volume:" + id);
  world.destroy("volumes", id);
}

Answer destroy_volume(World& world, const Call& call) {
  destroy(world, world.get("volumes", call.path[0]));
  return {204};
}

Answer destroy_named(World& world, const Call& call) {
  if (value_of(call, "name").empty() || value_of(call, "region").empty()) fail_input("name and region are required");
  for (const Json* one : world.all("volumes")) {
    if (!has_name_and_region(call, render(world, "volumes", *one))) continue;
    destroy(world, *one);
    return {204};
  }
  fail_missing();
}

Answer keep_snapshot(World& world, const Call& call) {
  const Json volume = world.get("volumes", call.path[0]);
  // the last two are not documented; the official client sends them
  const Json body = accepted(
      call.body, {{"name!", "string 1.."}, {"tags?", {"string"}}, {"volume_id", "string"}, {"description", "string"}},
      400);
  return {201, wrapped(world, "volume_snapshots",
                       world.add("volume_snapshots", {{"id", world.next_uuid()},
                                                      {"name", body["name"]},
                                                      {"created_at", world.time_text()},
                                                      {"regions", {volume["_region"]}},
                                                      {"min_disk_size", volume["size_gigabytes"]},
                                                      {"size_gigabytes", 0.0},
                                                      {"resource_id", volume["id"]},
                                                      {"resource_type", "volume"},
                                                      {"tags", tags_wanted(world, body.value("tags", Json::array()))},
                                                      {"_filesystem_type", volume["filesystem_type"]}}))};
}

Answer list_own_snapshots(World& world, const Call& call) {
  const Json id = world.get("volumes", call.path[0])["id"];
  std::vector<Json> found = world.listed("volume_snapshots");
  std::erase_if(found, [&](const Json& one) { return one["resource_id"] != id; });
  return list_answer(world, call, "snapshots", std::move(found));
}

}  // namespace

void add_volume_routes(Routes& routes) {
  add_reading_route(routes, "volumes");
  routes.push_back({"GET", "/volumes", list_volumes});
  routes.push_back({"POST", "/volumes", create_volume});
  routes.push_back({"DELETE", "/volumes", destroy_named});
  routes.push_back({"DELETE", "/volumes/{}", destroy_volume});
  routes.push_back({"POST", "/volumes/{}/snapshots", keep_snapshot});
  routes.push_back({"GET", "/volumes/{}/snapshots", list_own_snapshots});
  routes.push_back(
      {"GET", "/volumes/snapshots/{}", [](World& world, const Call& call) {
         return Answer{200, wrapped(world, "volume_snapshots", world.get("volume_snapshots", call.path[0]))};
       }});
  routes.push_back({"DELETE", "/volumes/snapshots/{}", [](World& world, const Call& call) {
                      world.destroy("volume_snapshots", key_of(world.get("volume_snapshots", call.path[0])));
                      return Answer{204};
                    }});
}

}  // namespace skep::testing::digitalocean
