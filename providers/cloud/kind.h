// A kind of object at a cloud: where the API has it, and how one that is ours is told from others.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "planner/model/resource.h"
#include "providers/cloud/account.h"

namespace skep::cloud {

struct Kind {
  std::string path;  // "/servers"
  std::string many;  // "servers"
  std::string one;   // "server"
  std::string name;  // ours: "server"

  /// The query of a list that holds all objects of the cluster; it may hold others too.
  Query (*of_cluster)(std::string_view cluster);
  /// Which resource of the cluster an object is; nothing when it is not the cluster's.
  std::optional<ResourceId> (*owner)(const Json& object, std::string_view kind, std::string_view cluster);
  /// Writes name and owner into the body of the request that creates it.
  void (*mark)(Json& body, std::string_view cluster, const ResourceId& id);

  /// The provider refuses a second one of the same name: what was not there a while ago need not be looked for again.
  bool has_unique_names = true;
  bool is_listed_by_name = true;  // a list takes ?name=

  bool changes_while_made = true;  // what its first actions bring shows in it: it is read anew when they have ended

  const char* id_member = "id";  // what it is called by in paths

  RemoteId id_of(const Json& object) const { return id_text(json_member(object, id_member)); }
};

/// "lympo-production-worker-3", "lympo-production-worker-3-g2".
std::string remote_name(std::string_view cluster, const ResourceId& id);

/// The place of "-g999" in a name.
inline constexpr std::size_t generation_room = 5;

/// Whether it is on its way out, as far as the API shows it.
bool is_going(const Json& object);

}  // namespace skep::cloud
