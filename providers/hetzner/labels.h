// The labels by which an object says whose it is, and the names that make a second one of it impossible.
//
//   skep.cluster     "lympo-production"
//   skep.name        "worker-3": of the resource; its kind is the API's
//   skep.generation  "2"
//   skep.host-key    servers: the pinned SSH host key, see providers/cloud/host_key_text.h
//   skep.new-host-key  servers: the key that the host made itself after the first login, likewise; it counts from then
//   skep.user        servers: who logs in
//   skep.pool        servers: for load balancers, which find their targets by label
//   skep.out         servers: no load balancer is to find it, its node is out of service
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "planner/base/json.h"
#include "planner/model/resource.h"

namespace skep::hetzner {

inline constexpr const char* label_cluster = "skep.cluster";
inline constexpr const char* label_name = "skep.name";
inline constexpr const char* label_generation = "skep.generation";
inline constexpr const char* label_host_key = "skep.host-key";
inline constexpr const char* label_new_host_key = "skep.new-host-key";
inline constexpr const char* label_user = "skep.user";
inline constexpr const char* label_pool = "skep.pool";
inline constexpr const char* label_out = "skep.out";

/// The most that Hetzner takes as a label's value, and as a name.
inline constexpr std::size_t label_length_most = 63;

/// Those of every kind: cluster, name, generation.
Json owner_labels(std::string_view cluster, const ResourceId& id);

/// Which resource of the cluster an object is, by its labels; nothing when it is not the cluster's.
std::optional<ResourceId> owner_of(const Json& object, std::string_view kind, std::string_view cluster);

/// "skep.cluster==NAME"
std::string cluster_selector(std::string_view cluster);

/// A label's value, or nothing.
std::string label_of(const Json& object, const char* label);

}  // namespace skep::hetzner
