// hetzner.placement_group: servers of one group stand on different computers of the provider.
#include "providers/hetzner/cloud.h"
#include "providers/hetzner/drivers.h"

namespace skep::hetzner {

namespace {

Attributes placement_group_attributes(const Json&) { return Json::object(); }

class PlacementGroupDriver final : public Driver {
 public:
  explicit PlacementGroupDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = {
        .driver = "hetzner.placement_group",
        .doc = "A group at Hetzner Cloud whose servers stand on different computers; at most ten.",
        .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."}},
        .listed = true,
        .timeout_create = std::chrono::minutes(2),
        .timeout_destroy = std::chrono::minutes(4),
    };
    return schema;
  }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    return list_owned(cloud_, placement_groups(), cluster, placement_group_attributes, context);
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    return find_owned(cloud_, placement_groups(), resource, remote_id, placement_group_attributes, context);
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    return create_owned(cloud_, placement_groups(), resource, {{"type", "spread"}}, placement_group_attributes,
                        context);
  }

  Result<Object> update(const Resource&, const Object& object, const Context&) override { return object; }

  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    return destroy_owned(cloud_, placement_groups(), resource, object.remote_id, context);
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    return settle(cloud_, placement_groups(), resource, std::move(object), placement_group_attributes, context);
  }

 private:
  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_placement_group_driver(Cloud& cloud) {
  return std::make_unique<PlacementGroupDriver>(cloud);
}

}  // namespace skep::hetzner
