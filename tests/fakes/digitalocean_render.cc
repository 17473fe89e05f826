// How objects of the simulated DigitalOcean look from outside: relations are kept once and computed where they show.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tests/fakes/digitalocean_catalog.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

/// Of all objects of a kind that pass the test.
template <class Test>
Json member_where(World& world, const std::string& kind, const std::string& member, const Test& test) {
  Json values = Json::array();
  for (const Json* one : world.all(kind)) {
    if (test(*one)) values.push_back((*one)[member]);
  }
  return values;
}

bool has_feature(const Json& droplet, const std::string& feature) { return holds(droplet["features"], feature); }

Json networks(World& world, const Json& droplet) {
  Json v4 = Json::array();
  Json v6 = Json::array();
  if (droplet["_has_networks"] == false) return {{"v4", v4}, {"v6", v6}};
  const Json* vpc = world.find("vpcs", droplet["vpc_uuid"]);
  if (vpc != nullptr) {
    const auto range = *cloud::parse_cidr((*vpc)["ip_range"]);
    v4.push_back({{"ip_address", droplet["_private"]},
                  {"netmask", cloud::ipv4_text(~(range.last() - range.address))},
                  {"gateway", cloud::ipv4_text(range.address + 1)},
                  {"type", "private"}});
  }
  if (droplet["_is_public"] == true) {
    const auto address = *cloud::parse_ipv4(droplet["_public"]);
    v4.push_back({{"ip_address", droplet["_public"]},
                  {"netmask", "255.255.240.0"},
                  {"gateway", cloud::ipv4_text((address & ~0xFFFU) + 1)},
                  {"type", "public"}});
    if (has_feature(droplet, "ipv6")) {
      v6.push_back({{"ip_address", fmt::format("2001:db8:0:1::{:x}", address & 0xFFFF)},
                    {"netmask", 64},
                    {"gateway", "2001:db8:0:1::1"},
                    {"type", "public"}});
    }
  }
  return {{"v4", v4}, {"v6", v6}};
}

Json shown_droplet(World& world, const Json& object) {
  Json result = visible(object);
  const Json type = size(world, object["size_slug"]);
  const Json id = object["id"];
  const auto is_kept = [&](const char* kind) {
    return [&world, id, kind](const Json& image) { return image["_droplet"] == id && image["type"] == kind; };
  };
  result["size"] = type;
  result["memory"] = type["memory"];
  result["vcpus"] = type["vcpus"];
  result["locked"] = world.is_busy("droplets/" + key_of(object));
  result["region"] = region(world, object["_region"]);
  result["networks"] = networks(world, object);
  result["volume_ids"] = member_where(world, "volumes", "id", [&](const Json& one) { return one["_droplet"] == id; });
  result["snapshot_ids"] = member_where(world, "images", "id", is_kept("snapshot"));
  result["backup_ids"] = member_where(world, "images", "id", is_kept("backup"));
  result["next_backup_window"] = nullptr;
  if (has_feature(object, "backups")) {
    result["next_backup_window"] = {{"start", rfc3339_text(world.now + std::chrono::hours(20))},
                                    {"end", rfc3339_text(world.now + std::chrono::hours(24))}};
  }
  return result;
}

Json shown_volume(World& world, const Json& object) {
  Json result = visible(object);
  result["region"] = region(world, object["_region"]);
  result["droplet_ids"] = object["_droplet"].is_null() ? Json::array() : Json::array({object["_droplet"]});
  return result;
}

Json shown_reserved_ip(World& world, const Json& object) {
  Json result = visible(object);
  result["region"] = region(world, object["_region"]);
  const Json* droplet = object["_droplet"].is_null() ? nullptr : world.find("droplets", object["_droplet"].dump());
  result["droplet"] = droplet == nullptr ? Json() : shown_droplet(world, *droplet);
  result["locked"] = world.is_busy("reserved_ips/" + key_of(object));
  return result;
}

Json shown_firewall(World&, const Json& object) {
  Json result = visible(object);
  Json changes = Json::array();
  const auto add = [&](const Json& from, const Json& to, bool removing) {
    for (const auto& id : from) {
      if (holds(to, id)) continue;
      changes.push_back({{"droplet_id", id}, {"removing", removing}, {"status", "waiting"}});
    }
  };
  add(object["_wanted"], object["_applied"], false);
  add(object["_applied"], object["_wanted"], true);
  result["status"] = changes.empty() && object["_fresh"] == false ? "succeeded" : "waiting";
  result["pending_changes"] = changes;
  return result;
}

Json shown_load_balancer(World& world, const Json& object) {
  Json result = visible(object);
  result["region"] = region(world, object["_region"]);
  if (result.contains("tag")) {
    Json ids = Json::array();
    for (const Id id : droplets_tagged(world, Json::array({object["tag"]}))) ids.push_back(id);
    result["droplet_ids"] = ids;
  }
  return result;
}

Json shown_tag(World& world, const Json& object) {
  return {{"name", object["name"]}, {"resources", tag_resources(world, object["name"])}};
}

using Renders = Json (*)(World&, const Json&);

const std::map<std::string, Renders>& renderers() {
  static const std::map<std::string, Renders> table = {
      {"droplets", shown_droplet},         {"volumes", shown_volume}, {"firewalls", shown_firewall},
      {"reserved_ips", shown_reserved_ip}, {"tags", shown_tag},       {"load_balancers", shown_load_balancer},
  };
  return table;
}

std::string root_of(const std::string& kind) {
  static const std::map<std::string, std::string> table = {{"volume_snapshots", "snapshot"}};
  const auto found = table.find(kind);
  return found == table.end() ? kind.substr(0, kind.size() - 1) : found->second;
}

}  // namespace

Json render(World& world, const std::string& kind, const Json& object) {
  const auto found = renderers().find(kind);
  return found == renderers().end() ? visible(object) : found->second(world, object);
}

Json wrapped(World& world, const std::string& kind, const Json& object) {
  return {{root_of(kind), render(world, kind, object)}};
}

Json World::shown(const cloud::Actions::Action& action) const {
  using Status = cloud::Actions::Status;
  const bool is_running = action.status == Status::running;
  Json result = {{"id", action.id},
                 {"status", is_running                         ? "in-progress"
                            : action.status == Status::success ? "completed"
                                                               : "errored"},
                 {"type", action.work.command},
                 {"started_at", rfc3339_text(action.started)},
                 {"completed_at", is_running ? Json() : Json(rfc3339_text(action.ends))},
                 {"resource_id", action.work.about["resource_id"]},
                 {"resource_type", action.work.about["resource_type"]},
                 {"region", region(*this, action.work.about["region"])},
                 {"region_slug", action.work.about["region"]}};
  return result;
}

}  // namespace skep::testing::digitalocean
