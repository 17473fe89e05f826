// hetzner.volume: a disk that outlives its server. Servers name the volumes that are attached to them.
#include "providers/hetzner/cloud.h"
#include "providers/hetzner/drivers.h"

namespace skep::hetzner {

namespace {

Attributes volume_attributes(const Json& json) {
  const Json location = json.value("location", Json::object());
  const Json protection = json.value("protection", Json::object());
  return {{"location", json_string_or(location, "name")},
          {"size_gb", json_int_or(json, "size", 0)},
          {"protected", protection.is_object() && protection.value("delete", false)},
          {"device", json_string_or(json, "linux_device")},
          {"server", id_text(json.value("server", Json()))}};
}

class VolumeDriver final : public Driver {
 public:
  explicit VolumeDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = {
        .driver = "hetzner.volume",
        .doc = "A disk at Hetzner Cloud. It outlives the server it is attached to.",
        .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                   {.name = "location",
                    .on_change = OnChange::replace,
                    .required = true,
                    .doc = "Where it is; its server must be there too."},
                   {.name = "size_gb", .required = true, .doc = "Its size, 10 to 10240 GB; it can only grow."},
                   {.name = "protected",
                    .required = true,
                    .doc = "Whether the provider itself refuses to destroy it."}},
        .outputs = {{.name = "device", .doc = "Path of the disk on the server, the same after each boot."},
                    {.name = "server", .doc = "The server that has it; empty: none."}},
        .listed = true,
        .holds_data = true,
        .timeout_create = std::chrono::minutes(3),
        .timeout_update = std::chrono::minutes(3),
        .timeout_destroy = std::chrono::minutes(5),
    };
    return schema;
  }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    return list_owned(cloud_, volumes(), cluster, volume_attributes, context);
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    return find_owned(cloud_, volumes(), resource, remote_id, volume_attributes, context);
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    const Json body = {{"location", resource.inputs["location"]}, {"size", resource.inputs["size_gb"]}};
    return create_owned(cloud_, volumes(), resource, body, volume_attributes, context);
  }

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const auto size = json_int_or(resource.inputs, "size_gb", 0);
    if (json_int_or(object.attributes, "size_gb", 0) > size) {
      return Error{ErrorCode::invalid_input, "a volume cannot become smaller",
                   "set the size in the spec to what it has, or more"};
    }
    if (json_int_or(object.attributes, "size_gb", 0) < size) {
      TRY(act(cloud_, volumes(), object.remote_id, "resize", {{"size", size}}, context));
    }
    TRY(protect(object, resource.inputs.value("protected", false), context));
    const auto changed = TRY(find(resource, object.remote_id, context));
    if (!changed) return Error{ErrorCode::not_found, "it is gone: somebody destroyed it"};
    return *changed;
  }

  /// Who calls this was allowed to: the provider's protection is lifted.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    const auto present = TRY(find(resource, object.remote_id, context));
    if (!present) return {};
    TRY(protect(*present, false, context));
    if (!json_string_or(present->attributes, "server").empty()) {
      TRY(act(cloud_, volumes(), object.remote_id, "detach", nullptr, context));
    }
    return destroy_owned(cloud_, volumes(), resource, object.remote_id, context);
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    object = TRY(settle(cloud_, volumes(), resource, std::move(object), volume_attributes, context));
    const bool wanted = resource.inputs.value("protected", false);
    TRY(protect(object, wanted, context));
    object.attributes["protected"] = wanted;
    return object;
  }

 private:
  Result<void> protect(const Object& object, bool wanted, const Context& context) {
    if (object.attributes.value("protected", false) == wanted) return {};
    return act(cloud_, volumes(), object.remote_id, "change_protection", {{"delete", wanted}}, context);
  }

  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_volume_driver(Cloud& cloud) { return std::make_unique<VolumeDriver>(cloud); }

}  // namespace skep::hetzner
