// Tags of the simulated DigitalOcean: what they look like, what has them.
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "planner/base/text.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

bool is_tag_name(const std::string& name) {
  static const std::regex form(R"([a-zA-Z0-9_\-:]{1,255})");
  return std::regex_match(name, form);
}

Json* tag_named(World& world, const std::string& name) {
  for (Json* one : world.all("tags")) {
    if (lower_case((*one)["name"].get<std::string>()) == lower_case(name)) return one;
  }
  return nullptr;
}

Json& known_tag(World& world, const std::string& name) {
  Json* found = tag_named(world, name);
  if (found == nullptr) fail_missing();
  return *found;
}

Json& ensure_tag(World& world, const std::string& name) {
  Json* found = tag_named(world, name);
  return found == nullptr ? world.add("tags", {{"name", name}}) : *found;
}

Answer create_tag(World& world, const Call& call) {
  const Json count = {{"count", "integer 0.."}, {"last_tagged_uri", "string"}};
  Json counts = count;
  counts["*"] = count;
  const Json body = accepted(call.body, {{"name", "string"}, {"resources", counts}});
  const std::string name = body.value("name", std::string());
  if (!is_tag_name(name)) {
    const std::string error = fmt::format(
        "Error validating resource tag: \"tag-name \\\"{}\\\" contains invalid characters. Names may only contain "
        "alpha-numeric characters, '-', '_', or ':'\"",
        name);
    fail_tag(error);
  }
  return {201, wrapped(world, "tags", ensure_tag(world, name))};
}

void forget_tag(World& world, const std::string& name) {
  const auto is_it = [&](const Json& one) { return one == name; };
  for (const auto& [type, kind] : taggables()) {
    for (Json* one : world.all(kind)) erase_where((*one)["tags"], is_it);
  }
  for (Json* firewall : world.all("firewalls")) erase_where((*firewall)["tags"], is_it);
  world.destroy("tags", name);
}

/// The things named in the body; all are known before any is changed.
std::vector<Json*> things_wanted(World& world, const Call& call) {
  const Json body = accepted(
      call.body,
      {{"resources!",
        {{{"resource_id", "string|integer"}, {"resource_type", "string in=droplet|image|volume|volume_snapshot"}}}}});
  std::vector<Json*> things;
  for (const auto& one : body["resources"]) {
    Json* found = nullptr;
    for (const auto& [type, kind] : taggables()) {
      if (one.value("resource_type", "") == type) found = world.find(kind, text_of(one.value("resource_id", Json(""))));
    }
    if (found == nullptr) fail_missing();
    things.push_back(found);
  }
  return things;
}

Answer tag_things(World& world, const Call& call) {
  const std::string name = known_tag(world, call.path[0])["name"];
  for (Json* thing : things_wanted(world, call)) {
    if (!has_tag(*thing, name)) (*thing)["tags"].push_back(name);
  }
  return {204};
}

Answer untag_things(World& world, const Call& call) {
  const std::string name = known_tag(world, call.path[0])["name"];
  for (Json* thing : things_wanted(world, call)) {
    erase_where((*thing)["tags"], [&](const Json& one) { return one == name; });
  }
  return {204};
}

}  // namespace

void fail_tag(const std::string& error) {
  throw ApiError{400, "bad_request", error, {{"error", error}, {"messages", nullptr}, {"root_causes", Json::array()}}};
}

const std::vector<Taggable>& taggables() {
  static const std::vector<Taggable> list = {
      {"droplet", "droplets"}, {"image", "images"}, {"volume", "volumes"}, {"volume_snapshot", "volume_snapshots"}};
  return list;
}

bool has_tag(const Json& object, const std::string& name) {
  return std::ranges::any_of(object["tags"],
                             [&](const Json& one) { return lower_case(one.get<std::string>()) == lower_case(name); });
}

Json tags_wanted(World& world, const Json& names) {
  for (const auto& name : names) {
    if (!is_tag_name(name)) fail_input(fmt::format("tag {} contains invalid characters", name.dump()));
  }
  Json result = Json::array();
  for (const auto& name : names) {
    const Json known = ensure_tag(world, name)["name"];
    if (!holds(result, known)) result.push_back(known);
  }
  return result;
}

void check_tags_exist(World& world, const Json& names) {
  for (const auto& name : names) {
    if (tag_named(world, name) == nullptr) fail_input(fmt::format("tag {} does not exist", name.dump()));
  }
}

std::vector<Id> droplets_tagged(World& world, const Json& names) {
  std::vector<Id> ids;
  for (const Json* one : world.all("droplets")) {
    const bool is_named = std::ranges::any_of(names, [&](const Json& name) { return has_tag(*one, name); });
    if (is_named) ids.push_back((*one)["id"]);
  }
  return ids;
}

Json tag_resources(World& world, const std::string& name) {
  Json result = {{"databases", {{"count", 0}}}};
  std::size_t sum = 0;
  for (const auto& [type, kind] : taggables()) {
    Json group = {{"count", 0}};
    for (const Json* one : world.all(kind)) {
      if (!has_tag(*one, name)) continue;
      ++sum;
      group["count"] = group["count"].get<int>() + 1;
      group["last_tagged_uri"] = fmt::format("{}/v2/{}/{}", world.options.public_url, kind, key_of(*one));
      result["last_tagged_uri"] = group["last_tagged_uri"];
    }
    result[kind] = group;
  }
  result["count"] = sum;
  return result;
}

void add_tag_routes(Routes& routes) {
  add_list_route(routes, "tags");
  routes.push_back({"POST", "/tags", create_tag});
  routes.push_back({"GET", "/tags/{}", [](World& world, const Call& call) {
                      return Answer{200, wrapped(world, "tags", known_tag(world, call.path[0]))};
                    }});
  routes.push_back({"DELETE", "/tags/{}", [](World& world, const Call& call) {
                      forget_tag(world, known_tag(world, call.path[0])["name"]);
                      return Answer{204};
                    }});
  routes.push_back({"POST", "/tags/{}/resources", tag_things});
  routes.push_back({"DELETE", "/tags/{}/resources", untag_things});
}

}  // namespace skep::testing::digitalocean
