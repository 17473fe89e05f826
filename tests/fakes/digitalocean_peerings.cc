// Peerings of two VPCs of the simulated DigitalOcean.
#include <fmt/format.h>

#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

std::vector<Json> peerings_of(World& world, const Json& vpc) {
  std::vector<Json> found = world.listed("vpc_peerings");
  std::erase_if(found, [&](const Json& one) { return !holds(one["vpc_ids"], vpc["id"]); });
  return found;
}

Answer create_peering(World& world, const Call& call) {
  const Json& vpc = world.get("vpcs", call.path[0]);
  const Json body = accepted(
      call.body, {{"name!", R"(string 1.. like=^[a-zA-Z0-9\-\.]+$)"}, {"vpc_id!", "string like=^[0-9a-f-]{36}$"}});
  // what it is called, its answers must be able to show: they know no dots
  accepted({{"name", body["name"]}}, {{"name", R"(string like=^[a-zA-Z0-9\-]+$)"}});
  const Json* other = world.find("vpcs", body["vpc_id"]);
  if (other == nullptr || (*other)["id"] == vpc["id"]) fail_input("vpc_id must be another VPC of the account");
  if (world.find_by("vpc_peerings", "name", body["name"]) != nullptr) fail(409, "name is already in use");
  for (const auto& one : peerings_of(world, vpc)) {
    if (holds(one["vpc_ids"], (*other)["id"])) fail(409, "the VPCs are peers already");
  }
  const Json& made = world.add("vpc_peerings", {{"id", world.next_uuid()},
                                                {"name", body["name"]},
                                                {"created_at", world.time_text()},
                                                {"status", "PROVISIONING"},
                                                {"vpc_ids", {vpc["id"], (*other)["id"]}}});
  world.later(std::chrono::seconds(3), [id = key_of(made)](World& w) {
    if (Json* one = w.find("vpc_peerings", id)) (*one)["status"] = "ACTIVE";
  });
  return {202, {{"peering", visible(made)}}};
}

Answer rename_peering(World& world, const Call& call) {
  const Json& vpc = world.get("vpcs", call.path[0]);
  Json& peering = world.get("vpc_peerings", call.path[1]);
  if (!holds(peering["vpc_ids"], vpc["id"])) fail_missing();
  peering.update(accepted(call.body, {{"name!", R"(string 1.. like=^[a-zA-Z0-9\-]+$)"}}));
  return {200, {{"peering", visible(peering)}}};
}

}  // namespace

bool has_peerings(World& world, const Json& vpc) { return !peerings_of(world, vpc).empty(); }

void add_peering_routes(Routes& routes) {
  routes.push_back({"GET", "/vpcs/{}/peerings", [](World& world, const Call& call) {
                      return list_answer(world, call, "peerings", peerings_of(world, world.get("vpcs", call.path[0])));
                    }});
  routes.push_back({"POST", "/vpcs/{}/peerings", create_peering});
  routes.push_back({"PATCH", "/vpcs/{}/peerings/{}", rename_peering});
}

}  // namespace skep::testing::digitalocean
