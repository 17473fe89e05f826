// The tags and texts by which an object at DigitalOcean says whose it is. Tags are names alone, of letters, digits,
// ':',
// '-' and '_'; names of clusters, nodes, pools and users hold no ':', so that what stands between them is theirs.
//
//   skep:CLUSTER                                 every droplet and volume: lists and the firewall go by it
//   skep:CLUSTER:KIND:NAME:GENERATION            which one it is; a volume's tag, the description of a VPC, the name of
//                                                an SSH key
//   skep:CLUSTER:server:NAME:GENERATION:USER:KEY a droplet's; who logs in, and the host key of its first boot (see
//                                                providers/cloud/host_key_text.h)
//   skep:CLUSTER:key:KEY                         a droplet's: the host key that it made itself; it counts from then on
//   skep:CLUSTER:pool:POOL                       a droplet's: load balancers find their targets by it
//   skep:CLUSTER:ip:NAME:GENERATION:on:DROPLET   nothing carries it: a reserved IP is being made on that droplet
//   skep:CLUSTER:ip:NAME:GENERATION:at:1-2-3-4   nothing carries it: that reserved IP is ours
//
// Firewalls and load balancers are ours by their name together with the tag that they apply to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/base/json.h"
#include "planner/model/resource.h"

namespace skep::digitalocean {

std::string cluster_tag(std::string_view cluster);
std::string pool_tag(std::string_view cluster, std::string_view pool);
/// Whether it carries the tag of a pool: load balancers find it by that.
bool has_pool_tag(const Json& droplet);

std::string key_tag(std::string_view cluster, std::string_view public_line);
std::string owner_text(std::string_view cluster, const ResourceId& id);
std::string server_tag(std::string_view cluster, const ResourceId& id, std::string_view user,
                       std::string_view public_line);

/// Which resource of the cluster such a text names; nothing when it is none.
std::optional<ResourceId> owner_in(std::string_view text, std::string_view kind, std::string_view cluster);

/// The tags of an object of the API.
std::vector<std::string> tags_of(const Json& object);
bool has_tag(const Json& object, std::string_view tag);
/// Its tags that nothing else carries: they go with it.
std::vector<std::string> own_tags_of(const Json& object);

/// Who logs in at a droplet, and its host keys, by its tags; empty: it says nothing.
std::string user_of(const Json& droplet);
std::string first_host_key_of(const Json& droplet);
std::string own_host_key_of(const Json& droplet);

/// "demo-web" is "load_balancer/web", "demo-web-g2" its second generation.
std::optional<ResourceId> owner_by_name(std::string_view name, std::string_view kind, std::string_view cluster);

}  // namespace skep::digitalocean
