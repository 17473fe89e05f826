// Backups of droplets in the simulated DigitalOcean: when they are made, and what is kept.
#include <algorithm>

#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

std::vector<Json> kept_of(World& world, const Json& droplet, const std::string& type) {
  std::vector<Json> found;
  for (const Json* one : world.all("images")) {
    if ((*one)["_droplet"] != droplet["id"] || (*one)["type"] != type) continue;
    found.push_back({{"id", (*one)["id"]},
                     {"name", (*one)["name"]},
                     {"created_at", (*one)["created_at"]},
                     {"regions", (*one)["regions"]},
                     {"min_disk_size", (*one)["min_disk_size"]},
                     {"size_gigabytes", (*one)["size_gigabytes"]},
                     {"type", type}});
  }
  return found;
}

/// What the account has when nothing else is said: weekly, and what follows from the plan.
Json policy_of(World& world, const Json& droplet) {
  const Json shown = render(world, "droplets", droplet);
  Json result = {{"droplet_id", droplet["id"]}, {"backup_enabled", !shown["next_backup_window"].is_null()}};
  result["next_backup_window"] = shown["next_backup_window"];
  if (shown["next_backup_window"].is_null()) return result;
  const Json given = droplet["_policy"].is_null() ? Json::object() : droplet["_policy"];
  const std::string plan = given.value("plan", std::string("weekly"));
  Json policy = {{"plan", plan},
                 {"hour", given.value("hour", 0)},
                 {"window_length_hours", 4},
                 {"retention_period_days", plan == "daily" ? 7 : 28}};
  if (plan == "weekly") policy["weekday"] = given.value("weekday", std::string("SUN"));
  result["backup_policy"] = policy;
  return result;
}

Answer policies(World& world, const Call& call) {
  std::vector<Json> found;
  for (const Json* droplet : world.all("droplets")) found.push_back(policy_of(world, *droplet));
  Answer answer = list_answer(world, call, "policies", std::move(found));
  Json by_id = Json::object();
  for (const auto& one : answer.body["policies"]) by_id[one["droplet_id"].dump()] = one;
  answer.body["policies"] = by_id;
  return answer;
}

Answer supported(World&, const Call&) {
  const Json hours = {0, 4, 8, 12, 16, 20};
  return {200,
          {{"supported_policies",
            {{{"name", "weekly"},
              {"possible_window_starts", hours},
              {"window_length_hours", 4},
              {"retention_period_days", 28},
              {"possible_days", {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}}},
             {{"name", "daily"},
              {"possible_window_starts", hours},
              {"window_length_hours", 4},
              {"retention_period_days", 7},
              {"possible_days", Json::array()}}}}}};
}

void add_kept_route(Routes& routes, const std::string& key, const std::string& type) {
  routes.push_back({"GET", "/droplets/{}/" + key, [key, type](World& world, const Call& call) {
                      return list_answer(world, call, key, kept_of(world, world.get("droplets", call.path[0]), type));
                    }});
}

}  // namespace

void check_no_backup_nonsense(const Json& body) {
  if (!body.contains("backup_policy") || body["backup_policy"].empty()) return;
  if (!body.value("backups", false)) fail_input("backup_policy needs backups");
  const Json policy = accepted(body["backup_policy"], backup_policy_form());
  const std::string plan = policy.value("plan", std::string());
  if (plan.empty()) fail_input("backup_policy.plan is required");
  if (plan == "weekly" && !policy.contains("weekday"))
    fail_input("backup_policy.weekday is required for weekly backups");
  if (plan == "daily" && policy.contains("weekday")) fail_input("backup_policy.weekday does not go with daily backups");
}

void add_backup_routes(Routes& routes) {
  add_kept_route(routes, "backups", "backup");
  add_kept_route(routes, "snapshots", "snapshot");
  routes.push_back({"GET", "/droplets/{}/backups/policy", [](World& world, const Call& call) {
                      return Answer{200, {{"policy", policy_of(world, world.get("droplets", call.path[0]))}}};
                    }});
  routes.push_back({"GET", "/droplets/backups/policies", policies});
  routes.push_back({"GET", "/droplets/backups/supported_policies", supported});
}

}  // namespace skep::testing::digitalocean
