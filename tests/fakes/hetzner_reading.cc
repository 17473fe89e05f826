// Reading in the simulated Hetzner Cloud: lists, single objects, actions, what is for sale; and the updates that all
// kinds share.
#include <fmt/format.h>

#include <algorithm>

#include "tests/fakes/hetzner_catalog.h"
#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_lists.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

void add_fixed(Routes& routes, const std::string& kind, const std::function<const Json&()>& entries) {
  routes.push_back({"GET", "/" + kind, [kind, entries](World&, const Call& call) {
                      const Json& all = entries();
                      return list_answer(call, kind, {all.begin(), all.end()});
                    }});
  routes.push_back({"GET", "/" + kind + "/{}", [kind, entries](World&, const Call& call) {
                      Json found = catalog_entry(entries(), id_of(call));
                      if (found.is_null()) fail(404, "not_found", singular(kind) + " not found");
                      return Answer{200, {{singular(kind), found}}};
                    }});
}

Answer several_actions(World& world, const Call& call) {
  const auto ids = values_of(call, "id");
  if (ids.empty()) {
    fail(410, "deprecated_api_endpoint", "listing all actions was removed; ask for them by id",
         {{"announcement", "https://docs.hetzner.cloud/changelog#2023-07-20-actions"}});
  }
  if (ids.size() > 50) fail_input("id", "at most 50 at once");
  Json actions = Json::array();
  for (const auto& id : ids) {
    const Json action = world.action(std::stoll("0" + id));
    if (!action.is_null()) actions.push_back(action);
  }
  return {200, {{"actions", actions}}};
}

Answer one_action(World& world, const Call& call) {
  const Json action = world.action(id_of(call, call.path.size() - 1));
  if (action.is_null()) fail(404, "not_found", "action not found");
  return {200, {{"action", action}}};
}

}  // namespace

namespace {

/// What is sold out says so in the catalogue as well.
Json as_for_sale(const World& world, Json type) {
  for (auto& place : type["locations"]) {
    if (world.options.sold_out.contains({type["name"], place["name"]})) place["available"] = false;
  }
  return type;
}

}  // namespace

void add_catalog_routes(Routes& routes) {
  add_fixed(routes, "locations", []() -> const Json& { return locations(); });
  routes.push_back({"GET", "/server_types", [](World& world, const Call& call) {
                      std::vector<Json> listed;
                      for (const auto& type : server_types()) listed.push_back(as_for_sale(world, type));
                      return list_answer(call, "server_types", std::move(listed));
                    }});
  routes.push_back({"GET", "/server_types/{}", [](World& world, const Call& call) {
                      const Json type = catalog_entry(server_types(), id_of(call));
                      if (type.is_null()) fail(404, "not_found", "server_type not found");
                      return Answer{200, {{"server_type", as_for_sale(world, type)}}};
                    }});
  add_fixed(routes, "load_balancer_types", []() -> const Json& { return load_balancer_types(); });
  routes.push_back({"GET", "/pricing", [](World&, const Call&) { return Answer{200, {{"pricing", pricing()}}}; }});
  const auto gone = [](World&, const Call&) -> Answer {
    fail(410, "deprecated_api_endpoint", "datacenters were removed, use locations",
         {{"announcement", "https://docs.hetzner.cloud/changelog#2025-12-16-phasing-out-datacenters"}});
  };
  routes.push_back({"GET", "/datacenters", gone});
  routes.push_back({"GET", "/datacenters/{}", gone});
}

void add_action_routes(Routes& routes) {
  routes.push_back({"GET", "/actions", several_actions});
  routes.push_back({"GET", "/actions/{}", one_action});
}

void add_reading_routes(Routes& routes, const std::string& kind, bool has_actions) {
  routes.push_back({"GET", "/" + kind, [kind](World& world, const Call& call) {
                      std::vector<Json> listed;
                      for (const auto& [id, object] : world.all(kind)) {
                        if (world.is_listed(object)) listed.push_back(render(world, kind, object));
                      }
                      return list_answer(call, kind, std::move(listed));
                    }});
  routes.push_back({"GET", "/" + kind + "/{}", [kind](World& world, const Call& call) {
                      return Answer{200, wrapped(world, kind, world.get(kind, id_of(call)))};
                    }});
  if (!has_actions) return;
  routes.push_back({"GET", "/" + kind + "/actions", [kind](World& world, const Call& call) {
                      return list_answer(call, "actions", world.actions_of(0, singular(kind)));
                    }});
  routes.push_back({"GET", "/" + kind + "/actions/{}", one_action});
  routes.push_back({"GET", "/" + kind + "/{}/actions", [kind](World& world, const Call& call) {
                      const Id id = world.get(kind, id_of(call))["id"];
                      return list_answer(call, "actions", world.actions_of(id, singular(kind)));
                    }});
  routes.push_back({"GET", "/" + kind + "/{}/actions/{}", one_action});
}

void add_update_route(Routes& routes, const std::string& kind, const std::vector<std::string>& further) {
  routes.push_back({"PUT", "/" + kind + "/{}", [kind, further](World& world, const Call& call) {
                      Json& object = world.get(kind, id_of(call));
                      std::vector<Member> members = {{"name", "string"}, {"labels", "labels"}};
                      for (const auto& name : further) {
                        members.push_back({name, name == "description" ? "string?" : "boolean"});
                      }
                      const Json body = checked(call.body, members);
                      if (body.contains("name")) {
                        const std::string name = body["name"];
                        kind == "servers" ? check_host_name(name) : check_name(name);
                        world.check_name_is_free(kind, name, object["id"]);
                      }
                      object.update(body);  // labels are replaced as a whole
                      return Answer{200, wrapped(world, kind, object)};
                    }});
}

void add_protection_route(Routes& routes, const std::string& kind) {
  const std::string pattern = "/" + kind + "/{}/actions/change_protection";
  routes.push_back({"POST", pattern, [kind](World& world, const Call& call) {
                      Json& object = world.get(kind, id_of(call));
                      const Json body = checked(call.body, {{"delete", "boolean"}});
                      if (body.contains("delete")) object["protection"]["delete"] = body["delete"];
                      const Resource resource{object["id"], singular(kind)};
                      return Answer{201, {{"action", world.begin({"change_protection", {resource}})}}};
                    }});
}

}  // namespace skep::testing::hetzner
