// Volumes of the simulated Hetzner Cloud.
#include <fmt/format.h>

#include "tests/fakes/hetzner_catalog.h"
#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

constexpr int size_least = 10;
constexpr int size_most = 10240;

std::int64_t size_wanted(const Json& size) {
  if (!size.is_number_integer() || size < size_least || size > size_most) fail_input("size", "must be 10 to 10240");
  return size;
}

Json* server_wanted(World& world, const Json& body, const Json& location) {
  Json* server = world.find("servers", body["server"]);
  if (server == nullptr) fail_input("server", "server not found");
  if (!location.is_null() && (*server)["location"]["name"] != location["name"]) {
    fail_input("server", "the server is in another location");
  }
  if (world.is_busy(body["server"], "server")) fail(423, "locked", "the server is locked");
  return server;
}

Answer create_volume(World& world, const Call& call) {
  const Json body = checked(call.body, {{"name", "string", true},
                                        {"size", "integer", true},
                                        {"labels", "labels"},
                                        {"automount", "boolean"},
                                        {"format", "string"},
                                        {"location", "name_or_id"},
                                        {"server", "id"}});
  check_name(body["name"]);
  if (body.contains("server") == body.contains("location")) fail_input("location", "either a location or a server");
  if (body.contains("format") && body["format"] != "ext4" && body["format"] != "xfs") {
    fail_input("format", "must be ext4 or xfs");
  }
  if (body.value("automount", false) && !body.contains("server")) fail_input("automount", "needs a server");
  const Json location = body.contains("server") ? (*server_wanted(world, body, nullptr))["location"]
                                                : catalog_entry(locations(), body["location"]);
  if (location.is_null()) fail_input("location", "location not found");
  Json& volume = world.add("volumes", {{"name", body["name"]},
                                       {"size", size_wanted(body["size"])},
                                       {"labels", body.value("labels", Json::object())},
                                       {"format", body.value("format", Json())},
                                       {"location", location},
                                       {"server", nullptr},
                                       {"status", "creating"},
                                       {"protection", {{"delete", false}}}});
  const Id id = volume["id"];
  volume["linux_device"] = fmt::format("/dev/disk/by-id/scsi-0HC_Volume_{}", id);
  Json answer = {{"next_actions", Json::array()}};
  answer["action"] = world.begin(
      {"create_volume", {{id, "volume"}}, {}, [id](World& w) { w.get("volumes", id)["status"] = "available"; }});
  if (body.contains("server")) {
    const Id server = body["server"];
    answer["next_actions"].push_back(
        world.begin({"attach_volume",
                     {{id, "volume"}, {server, "server"}},
                     std::chrono::milliseconds(1000),
                     [id, server](World& w) { w.get("volumes", id)["server"] = server; }}));
  }
  answer.update(wrapped(world, "volumes", volume));
  return {201, answer};
}

Json& unlocked_volume(World& world, const Call& call) {
  Json& volume = world.get("volumes", id_of(call));
  world.check_not_locked(volume["id"], "volume");
  return volume;
}

Answer attach(World& world, const Call& call) {
  const Json& volume = unlocked_volume(world, call);
  const Json body = checked(call.body, {{"server", "id", true}, {"automount", "boolean"}});
  if (!volume["server"].is_null()) fail(422, "volume_already_attached", "the volume is attached already");
  server_wanted(world, body, volume["location"]);
  const Id id = volume["id"];
  const Id server = body["server"];
  return {201,
          {{"action", world.begin({"attach_volume", {{id, "volume"}, {server, "server"}}, {}, [id, server](World& w) {
                                     if (w.find("servers", server)) w.get("volumes", id)["server"] = server;
                                   }})}}};
}

Answer detach(World& world, const Call& call) {
  const Json& volume = unlocked_volume(world, call);
  checked(call.body, {});
  const Id id = volume["id"];
  return {201, {{"action", world.begin({"detach_volume", {{id, "volume"}}, {}, [id](World& w) {
                                          w.get("volumes", id)["server"] = nullptr;
                                        }})}}};
}

Answer resize(World& world, const Call& call) {
  const Json& volume = unlocked_volume(world, call);
  const std::int64_t size = size_wanted(checked(call.body, {{"size", "number", true}})["size"]);
  if (size <= volume["size"]) fail_input("size", "a volume can only grow");
  const Id id = volume["id"];
  return {201, {{"action", world.begin({"resize_volume", {{id, "volume"}}, {}, [id, size](World& w) {
                                          w.get("volumes", id)["size"] = size;
                                        }})}}};
}

Answer destroy_volume(World& world, const Call& call) {
  const Json& volume = unlocked_volume(world, call);
  check_not_protected(volume);
  if (!volume["server"].is_null()) fail(422, "resource_in_use", "the volume is attached to a server");
  world.destroy("volumes", volume["id"]);
  return {204};
}

}  // namespace

void add_volume_routes(Routes& routes) {
  add_reading_routes(routes, "volumes", true);
  add_update_route(routes, "volumes");
  add_protection_route(routes, "volumes");
  routes.push_back({"POST", "/volumes", create_volume});
  routes.push_back({"DELETE", "/volumes/{}", destroy_volume});
  routes.push_back({"POST", "/volumes/{}/actions/attach", attach});
  routes.push_back({"POST", "/volumes/{}/actions/detach", detach});
  routes.push_back({"POST", "/volumes/{}/actions/resize", resize});
}

}  // namespace skep::testing::hetzner
