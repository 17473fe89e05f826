// hetzner.placement_group: servers of one group stand on different computers of the provider.
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/kinds.h"

namespace skep::hetzner {

std::unique_ptr<Driver> make_placement_group_driver(Cloud& cloud) {
  return std::make_unique<OwnedDriver>(cloud::OwnedParts{
      .cloud = cloud,
      .kind = placement_groups(),
      .schema = {.driver = "hetzner.placement_group",
                 .doc = "A group at Hetzner Cloud whose servers stand on different computers; at most ten.",
                 .inputs = {cluster_field()},
                 .listed = true,
                 .timeout_create = std::chrono::minutes(2),
                 .timeout_destroy = std::chrono::minutes(4)},
      .to_attributes = [](const Json&) -> Attributes { return Json::object(); },
      .order = [](const Attributes&) -> Json {
        return {{"type", "spread"}};
      }});
}

}  // namespace skep::hetzner
