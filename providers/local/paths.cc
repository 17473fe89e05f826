#include "providers/local/paths.h"

#include <cassert>
#include <cstdlib>

#include "providers/local/names.h"

namespace skep {

std::string LocalPaths::cluster(std::string_view name) const {
  assert(!name.empty() && name.find('/') == std::string_view::npos && name.front() != '.');
  return root + "/" + std::string(name);
}

std::string LocalPaths::kind(std::string_view cluster_name, std::string_view kind_name) const {
  return cluster(cluster_name) + "/" + std::string(kind_name);
}

std::string LocalPaths::resource(std::string_view cluster_name, const ResourceId& id) const {
  return kind(cluster_name, id.kind) + "/" + folder_name(id);
}

LocalPaths local_paths_from_environment() {
  LocalPaths paths;
  if (const char* root = std::getenv("SKEP_LOCAL_ROOT"); root != nullptr && *root != 0) paths.root = root;
  if (const char* cache = std::getenv("SKEP_CACHE"); cache != nullptr && *cache != 0) paths.cache = cache;
  return paths;
}

}  // namespace skep
