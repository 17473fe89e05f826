// Projects of the simulated DigitalOcean: the default one, and what belongs to which.
#include <fmt/format.h>

#include <map>
#include <regex>

#include "planner/base/text.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

Json& project_named(World& world, const std::string& id) {
  return id == "default" ? default_project(world) : world.get("projects", id);
}

Json project_form() {
  return {{"id", "string"},
          {"owner_uuid", "string"},
          {"owner_id", "integer"},
          {"created_at", "string"},
          {"updated_at", "string"},
          {"environment", "string in=Development|Staging|Production"},
          {"name", "string 1..175"},
          {"description", "string 0..255"},
          {"purpose", "string 1..255"},
          {"is_default", "boolean"}};
}

Json required(Json form, const std::vector<std::string>& members) {
  for (const auto& member : members) {
    form[member + "!"] = form[member];
    form.erase(member);
  }
  return form;
}

void check_project_name(World& world, const Json& name, const Json& except) {
  const Json* other = world.find_by("projects", "name", name);
  if (other != nullptr && (*other)["id"] != except) fail(409, "name is already in use");
}

/// Only what a caller may set.
Json settable(const Json& body) {
  Json result = Json::object();
  for (const auto* member : {"name", "description", "purpose", "environment", "is_default"}) {
    if (body.contains(member)) result[member] = body[member];
  }
  return result;
}

Answer create_project(World& world, const Call& call) {
  Json form = required(project_form(), {"name", "purpose"});
  form.erase("is_default");
  const Json body = accepted(call.body, form);
  check_project_name(world, body["name"], nullptr);
  Json project = {{"id", world.next_uuid()},
                  {"owner_uuid", default_project(world)["owner_uuid"]},
                  {"owner_id", default_project(world)["owner_id"]},
                  {"description", ""},
                  {"environment", "Development"},
                  {"created_at", world.time_text()},
                  {"updated_at", world.time_text()},
                  {"is_default", false}};
  project.update(settable(body));
  return {201, wrapped(world, "projects", world.add("projects", project))};
}

Answer change_project(World& world, const Call& call) {
  Json& project = project_named(world, call.path[0]);
  Json form = project_form();
  if (call.method == "PUT") form = required(form, {"name", "description", "purpose", "environment", "is_default"});
  const Json body = settable(accepted(call.body, form));
  if (body.contains("name")) check_project_name(world, body["name"], project["id"]);
  if (body.contains("is_default") && body["is_default"] == false && project["is_default"] == true) {
    fail_input("an account needs a default project: make another one the default");
  }
  if (body.value("is_default", false)) default_project(world)["is_default"] = false;
  project.update(body);
  project["updated_at"] = world.time_text();
  return {200, wrapped(world, "projects", project)};
}

std::vector<Json> assignments_of(World& world, const Json& project) {
  std::vector<Json> found;
  for (const Json* one : world.all("assignments")) {
    if ((*one)["_project"] == project["id"]) found.push_back(*one);
  }
  return found;
}

Answer destroy_project(World& world, const Call& call) {
  const Json& project = world.get("projects", call.path[0]);
  if (project["is_default"] == true) fail(412, "cannot delete the default project");
  if (!assignments_of(world, project).empty()) {
    fail(412, "cannot delete a project with resources. move or remove the resources first");
  }
  world.destroy("projects", key_of(project));
  return {204};
}

/// Where the API keeps what a urn names.
std::string kind_of_urn(const std::string& type) {
  static const std::map<std::string, std::string> table = {{"droplet", "droplets"},
                                                           {"volume", "volumes"},
                                                           {"floatingip", "reserved_ips"},
                                                           {"loadbalancer", "load_balancers"},
                                                           {"domain", "domains"}};
  const auto found = table.find(type);
  return found == table.end() ? "" : found->second;
}

Json shown_assignment(const World& world, const Json& one, const std::string& status) {
  const auto parts = split(one["name"].get<std::string>(), ':');
  const std::string self =
      fmt::format("{}/v2/{}/{}", world.options.public_url, kind_of_urn(parts[1]), one["_key"].get<std::string>());
  return {{"urn", one["name"]}, {"assigned_at", one["_at"]}, {"links", {{"self", self}}}, {"status", status}};
}

Answer list_members(World& world, const Call& call) {
  const Json project = project_named(world, call.path[0]);
  std::vector<Json> found;
  for (const auto& one : assignments_of(world, project)) found.push_back(shown_assignment(world, one, "ok"));
  return list_answer(world, call, "resources", std::move(found));
}

Answer assign_members(World& world, const Call& call) {
  const Json project = project_named(world, call.path[0]);
  const Json body = accepted(
      call.body, {{"resources",
                   {"string like=^do:(dbaas|domain|droplet|floatingip|loadbalancer|space|volume|kubernetes|vpc):.*"}}});
  Json result = Json::array();
  for (const auto& urn : body.value("resources", Json::array())) {
    const std::string text = urn;
    const std::string type = split(text, ':')[1];
    const std::string key = text.substr(std::string("do:").size() + type.size() + 1);
    const std::string kind = kind_of_urn(type);
    if (kind.empty() || world.find(kind, key) == nullptr) fail(404, fmt::format("resource {} not found", text));
    const Json* before = world.find("assignments", text);
    const bool is_there = before != nullptr && (*before)["_project"] == project["id"];
    if (!is_there) assign_to_project(world, text, project["id"]);
    result.push_back(
        shown_assignment(world, world.get("assignments", text), is_there ? "already_assigned" : "assigned"));
  }
  return {200, {{"resources", result}}};
}

}  // namespace

Json& default_project(World& world) { return *world.find_by("projects", "is_default", true); }

void assign_to_project(World& world, const std::string& urn, const std::string& project) {
  leave_project(world, urn);
  const std::string key = urn.substr(urn.find(':', 3) + 1);
  world.add("assignments", {{"name", urn},
                            {"_key", key},
                            {"_at", world.time_text()},
                            {"_project", project.empty() ? default_project(world)["id"] : Json(project)}});
  if (Json* balancer = world.find("load_balancers", key)) (*balancer)["project_id"] = project;
  if (Json* address = world.find("reserved_ips", key); address != nullptr && !project.empty()) {
    (*address)["project_id"] = project;
  }
}

void leave_project(World& world, const std::string& urn) { world.destroy("assignments", urn); }

void add_project_routes(Routes& routes) {
  add_list_route(routes, "projects");
  routes.push_back({"POST", "/projects", create_project});
  routes.push_back({"DELETE", "/projects/{}", destroy_project});
  routes.push_back({"GET", "/projects/{}", [](World& world, const Call& call) {
                      return Answer{200, wrapped(world, "projects", project_named(world, call.path[0]))};
                    }});
  routes.push_back({"PUT", "/projects/{}", change_project});
  routes.push_back({"PATCH", "/projects/{}", change_project});
  routes.push_back({"GET", "/projects/{}/resources", list_members});
  routes.push_back({"POST", "/projects/{}/resources", assign_members});
}

}  // namespace skep::testing::digitalocean
