// SSH keys, placement groups and images of the simulated Hetzner Cloud.
#include "tests/fakes/cloud_keys.h"
#include "tests/fakes/hetzner_catalog.h"
#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_lists.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

Answer create_ssh_key(World& world, const Call& call) {
  Json body = checked(call.body, {{"name", "string", true}, {"public_key", "string", true}, {"labels", "labels"}});
  check_name(body["name"]);
  const auto fingerprint = cloud::key_fingerprint(body["public_key"]);
  if (!fingerprint) fail_input("public_key", "is no SSH public key");
  body["fingerprint"] = *fingerprint;
  for (const auto& [id, other] : world.all("ssh_keys")) {
    if (other["fingerprint"] == body["fingerprint"]) {
      fail(409, "uniqueness_error", "SSH key not unique", {{"fields", {{{"name", "public_key"}}}}});
    }
  }
  return {201, wrapped(world, "ssh_keys", world.add("ssh_keys", body))};
}

Answer create_placement_group(World& world, const Call& call) {
  Json body = checked(call.body, {{"name", "string", true}, {"type", "string", true}, {"labels", "labels"}});
  check_name(body["name"]);
  if (body["type"] != "spread") fail_input("type", "must be 'spread'");
  Json answer = wrapped(world, "placement_groups", world.add("placement_groups", body));
  answer["action"] = nullptr;
  return {201, answer};
}

Answer destroy_placement_group(World& world, const Call& call) {
  const Json group = render(world, "placement_groups", world.get("placement_groups", id_of(call)));
  if (!group["servers"].empty()) fail(422, "resource_in_use", "placement group still has servers");
  world.destroy("placement_groups", group["id"]);
  return {204};
}

std::vector<Json> images(World& world) {
  std::vector<Json> all;
  for (const auto& image : system_images()) all.push_back(image);
  for (const auto& [id, image] : world.all("images")) all.push_back(render(world, "images", image));
  return all;
}

Answer one_image(World& world, const Call& call) {
  for (const auto& image : images(world)) {
    if (image["id"] == id_of(call)) return {200, {{"image", image}}};
  }
  fail(404, "not_found", "image not found");
}

Answer update_image(World& world, const Call& call) {
  Json& image = world.get("images", id_of(call));
  image.update(checked(call.body, {{"description", "string"}, {"type", "string"}, {"labels", "labels"}}));
  return {200, wrapped(world, "images", image)};
}

Answer destroy_image(World& world, const Call& call) {
  const Json& image = world.get("images", id_of(call));
  check_not_protected(image);
  world.destroy("images", image["id"]);
  return {204};
}

}  // namespace

void add_key_and_group_routes(Routes& routes) {
  add_reading_routes(routes, "ssh_keys", false);
  add_update_route(routes, "ssh_keys");
  routes.push_back({"POST", "/ssh_keys", create_ssh_key});
  routes.push_back({"DELETE", "/ssh_keys/{}", [](World& world, const Call& call) {
                      world.destroy("ssh_keys", world.get("ssh_keys", id_of(call))["id"]);
                      return Answer{204};
                    }});
  add_reading_routes(routes, "placement_groups", false);
  add_update_route(routes, "placement_groups");
  routes.push_back({"POST", "/placement_groups", create_placement_group});
  routes.push_back({"DELETE", "/placement_groups/{}", destroy_placement_group});
}

void add_image_routes(Routes& routes) {
  routes.push_back(
      {"GET", "/images", [](World& world, const Call& call) { return list_answer(call, "images", images(world)); }});
  routes.push_back({"GET", "/images/{}", one_image});
  routes.push_back({"PUT", "/images/{}", update_image});
  routes.push_back({"DELETE", "/images/{}", destroy_image});
  add_protection_route(routes, "images");
}

}  // namespace skep::testing::hetzner
