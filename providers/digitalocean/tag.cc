// digitalocean.tag: a name that droplets and volumes carry. Firewalls and load balancers go by it, so it must be there
// before them. With the tag of the cluster go all that no object is left to carry.
#include "providers/digitalocean/drivers.h"
#include "providers/digitalocean/kinds.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

Attributes tag_attributes(const Json& json) { return {{"tag", json_string_or(json, "name")}}; }

Schema tag_schema() {
  return {.driver = "digitalocean.tag",
          .doc = "A tag at DigitalOcean: what a cluster's droplets and volumes are found by.",
          .inputs = {cluster_field(),
                     {.name = "tag", .on_change = OnChange::replace, .required = true, .doc = "Its text."}},
          .listed = true,
          .timeout_create = std::chrono::minutes(2),
          .timeout_destroy = std::chrono::minutes(2)};
}

class TagDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  /// One that is there already is taken: a second time changes nothing.
  Result<Object> create(const Resource& resource, const Context& context) override {
    const std::string tag = json_string_or(resource.inputs, "tag");
    TRY(make_tag(cloud(), tag, context));
    return Object{.remote_id = tag, .attributes = {{"tag", tag}}};
  }

  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    const std::string everything = cluster_tag(cluster_of(resource));
    if (object.remote_id == everything) {
      for (const auto& one : TRY(cloud().account.list(kind().path, kind().many, {}, context))) {
        const std::string name = json_string_or(one, "name");
        if (name.starts_with(everything + ":")) TRY(destroy_tag(cloud(), name, context));
      }
    }
    return OwnedDriver::destroy(resource, object, context);
  }
};

}  // namespace

std::unique_ptr<Driver> make_tag_driver(Cloud& cloud) {
  return std::make_unique<TagDriver>(
      cloud::OwnedParts{.cloud = cloud, .kind = tags(), .schema = tag_schema(), .to_attributes = tag_attributes});
}

}  // namespace skep::digitalocean
