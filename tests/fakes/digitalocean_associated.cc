// Destroying a droplet of the simulated DigitalOcean together with what belongs to it.
#include <fmt/format.h>

#include <algorithm>

#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

/// What the API calls it, and where it is kept.
struct Associated {
  const char* name;
  const char* kind;
};
const std::vector<Associated> associated = {{"reserved_ips", "reserved_ips"},
                                            {"floating_ips", "reserved_ips"},
                                            {"snapshots", "images"},
                                            {"volumes", "volumes"},
                                            {"volume_snapshots", "volume_snapshots"}};

bool belongs(World& world, const Associated& group, const Json& one, const Json& droplet) {
  if (group.kind != std::string("volume_snapshots")) return one["_droplet"] == droplet;
  const Json* volume = world.find("volumes", one["resource_id"]);
  return volume != nullptr && (*volume)["_droplet"] == droplet;
}

Json resources_of(World& world, const Json& droplet) {
  Json result = Json::object();
  for (const auto& group : associated) {
    result[group.name] = Json::array();
    for (const Json* one : world.all(group.kind)) {
      if (!belongs(world, group, *one, droplet)) continue;
      result[group.name].push_back(
          {{"id", key_of(*one)}, {"name", one->value("name", key_of(*one))}, {"cost", "0.00"}});
    }
  }
  return result;
}

/// `wanted`: {"volumes": [ids]}. Volumes go once the droplet has let go of them.
Answer destroy_with(World& world, const Json& droplet, const Json& wanted) {
  const Id id = droplet["id"];
  check_no_event(world, id);
  Json record = {{"id", id}, {"droplet", {{"id", id}, {"name", droplet["name"]}}}, {"resources", Json::object()}};
  for (const auto& [name, ids] : wanted.items()) {
    record["resources"][name] = Json::array();
    for (const auto& one : ids) record["resources"][name].push_back({{"id", one}, {"name", one}});
  }
  record["droplet"]["id"] = std::to_string(id);
  record["failures"] = 0;
  world.destroy("destructions", std::to_string(id));
  world.add("destructions", record);
  destroy_droplet(world, id);
  world.later(std::chrono::milliseconds(4500), [id, wanted](World& w) {
    for (const auto& group : associated) {
      for (const auto& one : wanted.value(group.name, Json::array())) w.destroy(group.kind, text_of(one));
    }
    Json& done = w.get("destructions", std::to_string(id));
    done["completed_at"] = w.time_text();
    done["droplet"]["destroyed_at"] = w.time_text();
    for (auto& [name, list] : done["resources"].items()) {
      for (auto& one : list) one["destroyed_at"] = w.time_text();
    }
  });
  return {202};
}

Answer destroy_selected(World& world, const Call& call) {
  const Json droplet = world.get("droplets", call.path[0]);
  Json form = Json::object();
  for (const auto& group : associated) form[group.name] = {"string"};
  const Json wanted = accepted(call.body, form);
  const Json known = resources_of(world, droplet["id"]);
  for (const auto& [name, ids] : wanted.items()) {
    for (const auto& id : ids) {
      const bool is_known = std::ranges::any_of(known[name], [&](const Json& one) { return one["id"] == id; });
      if (!is_known) fail_input(fmt::format("{} does not belong to the Droplet", text_of(id)));
    }
  }
  return destroy_with(world, droplet, wanted);
}

Answer destroy_all(World& world, const Call& call) {
  const Json droplet = world.get("droplets", call.path[0]);
  const auto header = call.headers.find("x-dangerous");
  if (header == call.headers.end() || header->second != "true") fail(400, "the header X-Dangerous: true is required");
  Json wanted = Json::object();
  const Json known = resources_of(world, droplet["id"]);
  for (const auto& [name, list] : known.items()) {
    wanted[name] = Json::array();
    for (const auto& one : list) wanted[name].push_back(one["id"]);
  }
  return destroy_with(world, droplet, wanted);
}

Answer status(World& world, const Call& call) {
  Json shown = visible(world.get("destructions", call.path[0]));
  shown.erase("id");
  return {200, shown};
}

/// Nothing of it ever fails here.
Answer retry(World& world, const Call& call) {
  const Json& record = world.get("destructions", call.path[0]);
  if (!record.contains("completed_at")) fail(409, "The request could not be completed due to a conflict.");
  return {202};
}

}  // namespace

void add_associated_routes(Routes& routes) {
  const std::string base = "/droplets/{}/destroy_with_associated_resources";
  routes.push_back({"GET", base, [](World& world, const Call& call) {
                      return Answer{200, resources_of(world, world.get("droplets", call.path[0])["id"])};
                    }});
  routes.push_back({"DELETE", base + "/selective", destroy_selected});
  routes.push_back({"DELETE", base + "/dangerous", destroy_all});
  routes.push_back({"GET", base + "/status", status});
  routes.push_back({"POST", base + "/retry", retry});
}

}  // namespace skep::testing::digitalocean
