// hetzner.volume: a disk that outlives its server. Servers name the volumes that are attached to them.
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/kinds.h"

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

Json volume_order(const Attributes& inputs) { return {{"location", inputs["location"]}, {"size", inputs["size_gb"]}}; }

Schema volume_schema() {
  return {
      .driver = "hetzner.volume",
      .doc = "A disk at Hetzner Cloud. It outlives the server it is attached to.",
      .inputs =
          {cluster_field(),
           {.name = "location",
            .on_change = OnChange::replace,
            .required = true,
            .doc = "Where it is; its server must be there too."},
           {.name = "size_gb", .on_change = OnChange::grows, .required = true, .doc = "Its size, 10 to 10240 GB."},
           {.name = "protected", .required = true, .doc = "Whether the provider itself refuses to destroy it."}},
      .outputs = {{.name = "device", .doc = "Path of the disk on the server, the same after each boot."},
                  {.name = "server", .doc = "The server that has it; empty: none."}},
      .listed = true,
      .holds_data = true,
      .timeout_create = std::chrono::minutes(3),
      .timeout_update = std::chrono::minutes(3),
      .timeout_destroy = std::chrono::minutes(5),
  };
}

class VolumeDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const auto size = json_int_or(resource.inputs, "size_gb", 0);
    if (json_int_or(object.attributes, "size_gb", 0) > size) {
      return Error{ErrorCode::invalid_input, "a volume cannot become smaller",
                   "set the size in the spec to what it has, or more"};
    }
    if (json_int_or(object.attributes, "size_gb", 0) < size) {
      TRY(act_on(object, "resize", {{"size", size}}, context));
    }
    TRY(protect(object, resource.inputs.value("protected", false), context));
    return read_now(resource, object, context);
  }

  /// Who calls this was allowed to: the provider's protection is lifted.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    const auto present = TRY(find(resource, object.remote_id, context));
    if (!present) return {};
    TRY(protect(*present, false, context));
    if (!json_string_or(present->attributes, "server").empty()) {
      TRY(act_on(object, "detach", nullptr, context));
    }
    return OwnedDriver::destroy(resource, object, context);
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    object = TRY(OwnedDriver::wait_ready(resource, std::move(object), context));
    const bool wanted = resource.inputs.value("protected", false);
    TRY(protect(object, wanted, context));
    object.attributes["protected"] = wanted;
    return object;
  }

 private:
  Result<void> protect(const Object& object, bool wanted, const Context& context) {
    if (object.attributes.value("protected", false) == wanted) return {};
    return act_on(object, "change_protection", {{"delete", wanted}}, context);
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

}  // namespace skep::hetzner
