// What one kind of the simulated DigitalOcean needs of another. Private to the simulation.
#pragma once

#include <string>
#include <vector>

#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

// Routes that many kinds share.
void add_list_route(Routes& routes, const std::string& kind);
void add_destroy_route(Routes& routes, const std::string& kind);
/// GET KIND/{}/actions and KIND/{}/actions/{}.
void add_thing_action_routes(Routes& routes, const std::string& kind);

// Tags.
[[noreturn]] void fail_tag(const std::string& error);  // 400, in a shape that only tags have
/// As they are written in the account, each once; those that are new are made. 422 for a wrong name.
Json tags_wanted(World& world, const Json& names);
/// The droplets (their ids) that have one of the tags.
std::vector<Id> droplets_tagged(World& world, const Json& names);
void check_tags_exist(World& world, const Json& names);
/// What has the tag, by the name the API has for its kind ("droplet", "volume_snapshot").
struct Taggable {
  const char* type;
  const char* kind;
};
const std::vector<Taggable>& taggables();
Json tag_resources(World& world, const std::string& name);
bool has_tag(const Json& object, const std::string& name);

// VPCs.
/// The one asked for, else the default of the region, which is made when it is first needed.
Json& vpc_wanted(World& world, const Json& uuid, const std::string& region);
std::string next_private_address(World& world, const Json& vpc);
/// Droplets (also those that are going) and load balancers in it: {name, urn, created_at}.
std::vector<Json> vpc_members(World& world, const std::string& uuid);
bool has_peerings(World& world, const Json& vpc);

// Droplets.
constexpr std::ptrdiff_t volumes_per_droplet = 15;
Json& droplet_wanted(World& world, const Json& id);   // 422 when there is none
void check_no_event(const World& world, Id droplet);  // 422 while an action runs
Json begin_droplet_action(
    World& world, const Json& droplet, const std::string& type, Effect effect = [](World&) {});
Json image_wanted(World& world, const Json& slug_or_id);
Json size_wanted(World& world, const std::string& slug, const std::string& region);
/// Ends its life, with what hangs on it.
void destroy_droplet(World& world, Id id);
void check_no_backup_nonsense(const Json& body);

// Snapshots.
/// Kept as an image and as a snapshot.
void keep_droplet_snapshot(World& world, Id droplet, const std::string& name, const std::string& type);

// Firewalls.
bool firewalls_pass(World& world, const DigitalOceanCloud::Packet& packet);

// Projects.
/// "do:droplet:17" belongs to the project (its id; empty: the default one) from now on.
void assign_to_project(World& world, const std::string& urn, const std::string& project);
void leave_project(World& world, const std::string& urn);
Json& default_project(World& world);

}  // namespace skep::testing::digitalocean
