// The labels by which an object says whose it is, and the names that make a second one of it impossible.
//
//   skep.cluster     "lympo-production"
//   skep.name        "worker-3": of the resource; its kind is the API's
//   skep.generation  "2"
//   skep.host-key    servers: the pinned SSH host key (ed25519), its 32 bytes in base 32, 52 characters
//   skep.new-host-key  servers: the key that the host made itself after the first login, likewise; it counts from then
//   on skep.user        servers: who logs in skep.pool        servers: for load balancers, which find their targets by
//   label
//
// A server's host key is made before the server is, from fresh random bytes, and goes out in the one request that
// creates it: the private half in the user-data, the public half in a label. So whoever finds the server finds its pin:
// after a crash between request and record, and after the state was lost, nothing has to be remembered or guessed.
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

/// The most that Hetzner takes as a label's value, and as a name.
inline constexpr std::size_t label_length_most = 63;

/// Those of every kind: cluster, name, generation.
Json owner_labels(std::string_view cluster, const ResourceId& id);

/// Which resource of the cluster an object is, by its labels; nothing when it is not the cluster's.
std::optional<ResourceId> owner_of(const Json& object, std::string_view kind, std::string_view cluster);

/// "lympo-production-worker-3", "lympo-production-worker-3-g2". Unique in a project for each kind, as Hetzner demands:
/// a request that creates it a second time is refused there.
std::string remote_name(std::string_view cluster, const ResourceId& id);

/// "skep.cluster==NAME"
std::string cluster_selector(std::string_view cluster);

/// "ssh-ed25519 AAAA..." as the value of a label, and back; empty when it cannot be.
std::string host_key_to_label(std::string_view public_line);
std::string host_key_from_label(std::string_view label);

/// A label's value, or nothing.
std::string label_of(const Json& object, const char* label);

}  // namespace skep::hetzner
