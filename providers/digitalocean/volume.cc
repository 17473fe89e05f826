// digitalocean.volume: a disk that outlives its droplet. Servers name the volumes that are attached to them.
#include "providers/digitalocean/drivers.h"
#include "providers/digitalocean/kinds.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

Attributes volume_attributes(const Json& json) {
  const Json droplets = json.value("droplet_ids", Json::array());
  const bool is_attached = droplets.is_array() && !droplets.empty();
  return {{"location", json_string_or(cloud::part_of(json, "region"), "slug")},
          {"size_gb", json_int_or(json, "size_gigabytes", 0)},
          {"device", "/dev/disk/by-id/scsi-0DO_Volume_" + json_string_or(json, "name")},
          {"server", is_attached ? id_text(droplets.front()) : ""}};
}

Json volume_order(const Attributes& inputs) {
  return {{"region", inputs["location"]}, {"size_gigabytes", inputs["size_gb"]}};
}

Schema volume_schema() {
  return {
      .driver = "digitalocean.volume",
      .doc = "A disk at DigitalOcean. It outlives the droplet it is attached to.",
      .inputs = {cluster_field(),
                 {.name = "location",
                  .on_change = OnChange::replace,
                  .required = true,
                  .doc = "Where it is; its droplet must be there too."},
                 {.name = "size_gb", .on_change = OnChange::grows, .required = true, .doc = "Its size, 1 to 16384 GB."},
                 {.name = "tag", .required = true, .doc = "The digitalocean.tag of the cluster."},
                 protected_field()},
      .outputs = {{.name = "device", .doc = "Path of the disk on the droplet, the same after each boot."},
                  {.name = "server", .doc = "The droplet that has it; empty: none."}},
      .listed = true,
      .holds_data = true,
      .timeout_create = std::chrono::minutes(3),
      .timeout_update = std::chrono::minutes(3),
      .timeout_destroy = std::chrono::minutes(5)};
}

class VolumeDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const auto size = json_int_or(resource.inputs, "size_gb", 0);
    const auto present = json_int_or(object.attributes, "size_gb", 0);
    if (present > size) {
      return Error{ErrorCode::invalid_input, "a volume cannot become smaller",
                   "set the size in the spec to what it has, or more"};
    }
    if (present < size) {
      TRY(act(cloud(), kind(), object.remote_id,
              {{"type", "resize"}, {"size_gigabytes", size}, {"region", json_string_or(object.attributes, "location")}},
              context));
    }
    return read_now(resource, object, context);
  }

  /// Detached first: the API destroys no volume that is in use. Its own tag goes after it.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    const std::string tag = owner_text(cluster_of(resource), resource.id);
    const auto present = TRY(find(resource, object.remote_id, context));
    if (!present) return destroy_tag(cloud(), tag, context);
    TRY(detach(resource, *present, context));
    TRY(OwnedDriver::destroy(resource, object, context));
    return destroy_tag(cloud(), tag, context);
  }

 private:
  /// It comes off by itself as well, when its droplet goes at the same moment.
  Result<void> detach(const Resource& resource, const Object& object, const Context& context) {
    const std::string server = json_string_or(object.attributes, "server");
    if (server.empty()) return {};
    const auto detached = act(cloud(), kind(), object.remote_id,
                              {{"type", "detach"},
                               {"droplet_id", id_number(server)},
                               {"region", json_string_or(object.attributes, "location")}},
                              context);
    if (detached.ok() || detached.error().code == ErrorCode::cancelled) return detached;
    const auto now = TRY(find(resource, object.remote_id, context));
    return now && json_string_or(now->attributes, "server") == server ? detached : Result<void>();
  }
};

}  // namespace

std::unique_ptr<Driver> make_volume_driver(Cloud& cloud) {
  return std::make_unique<VolumeDriver>(cloud::OwnedParts{.cloud = cloud,
                                                          .kind = volumes(),
                                                          .schema = volume_schema(),
                                                          .to_attributes = volume_attributes,
                                                          .order = volume_order});
}

}  // namespace skep::digitalocean
