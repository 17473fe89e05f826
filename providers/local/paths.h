// Where everything of provider `local` lies on this computer.
#pragma once

#include <string>
#include <string_view>

#include "planner/model/resource.h"

namespace skep {

/// The folders, from SKEP_LOCAL_ROOT (default /var/lib/skep/local) and SKEP_CACHE (default /var/cache/skep).
struct LocalPaths {
  std::string root = "/var/lib/skep/local";
  std::string cache = "/var/cache/skep";
  std::string registry = "/var/lib/skep/host.json";  // of all roots together, see host_registry.h
  std::string host_lock = "/run/skep/host.lock";

  /// The name must not be empty: that would be the folder of all clusters.
  std::string cluster(std::string_view name) const;
  std::string kind(std::string_view cluster_name, std::string_view kind_name) const;
  /// ROOT/CLUSTER/KIND/NAME: its being there is the owner label.
  std::string resource(std::string_view cluster_name, const ResourceId& id) const;
  std::string trash(std::string_view cluster_name) const { return cluster(cluster_name) + "/.trash"; }
  std::string cluster_lock(std::string_view name) const { return cluster(name) + "/.lock"; }  // its addresses
};

LocalPaths local_paths_from_environment();

}  // namespace skep
