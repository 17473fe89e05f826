#include "providers/cloud/kind.h"

#include <fmt/format.h>

namespace skep::cloud {

std::string remote_name(std::string_view cluster, const ResourceId& id) {
  return fmt::format("{}-{}{}", cluster, id.name, id.generation == 1 ? "" : fmt::format("-g{}", id.generation));
}

bool is_going(const Json& object) { return json_string_or(object, "status") == "deleting"; }

}  // namespace skep::cloud
