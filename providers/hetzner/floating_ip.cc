// hetzner.floating_ip: a public address that moves between servers. The servers' systems must know it as well.
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/kinds.h"

namespace skep::hetzner {

namespace {

Attributes floating_ip_attributes(const Json& json) {
  return {{"address", json_string_or(json, "ip")}, {"server", id_text(json.value("server", Json()))}};
}

Json floating_ip_order(const Attributes& inputs) {
  return {{"type", "ipv4"}, {"server", id_number(json_string_or(inputs, "server"))}};
}

Schema floating_ip_schema() {
  return {
      .driver = "hetzner.floating_ip",
      .doc = "A public IPv4 address at Hetzner Cloud that moves between servers.",
      .inputs = {cluster_field(), {.name = "server", .required = true, .doc = "The server that has it."}},
      .outputs = {{.name = "address", .doc = "The IPv4 address."}},
      .listed = true,
      .timeout_create = std::chrono::minutes(3),
      .timeout_update = std::chrono::minutes(3),
      .timeout_destroy = std::chrono::minutes(3),
  };
}

class FloatingIpDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  /// The action of its creation assigns it: when that has ended well, nothing is left to read.
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    const bool is_assigned_now = !object.attributes.value(cloud::pending_actions, Json::array()).empty();
    object = TRY(OwnedDriver::wait_ready(resource, std::move(object), context));
    if (is_assigned_now) object.attributes["server"] = resource.inputs["server"];
    return object;
  }

  /// The API moves it, or says that it must be taken off first.
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const std::string server = json_string_or(resource.inputs, "server");
    const Json body = {{"server", id_number(server)}};
    auto moved = act_on(object, "assign", body, context);
    if (!moved.ok() && moved.error().code == ErrorCode::conflict) {
      TRY(act_on(object, "unassign", nullptr, context));
      moved = act_on(object, "assign", body, context);
    }
    if (!moved.ok()) return moved.error();
    Object changed = object;
    changed.attributes["server"] = server;
    return changed;
  }

  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    const auto present = TRY(find(resource, object.remote_id, context));
    if (!present) return {};
    if (!json_string_or(present->attributes, "server").empty()) {
      TRY(act_on(object, "unassign", nullptr, context));
    }
    return OwnedDriver::destroy(resource, object, context);
  }
};

}  // namespace

std::unique_ptr<Driver> make_floating_ip_driver(Cloud& cloud) {
  return std::make_unique<FloatingIpDriver>(cloud::OwnedParts{.cloud = cloud,
                                                              .kind = floating_ips(),
                                                              .schema = floating_ip_schema(),
                                                              .to_attributes = floating_ip_attributes,
                                                              .order = floating_ip_order});
}

}  // namespace skep::hetzner
