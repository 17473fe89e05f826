// hetzner.floating_ip: a public address that moves between servers. The servers' systems must know it as well.
#include "providers/hetzner/cloud.h"
#include "providers/hetzner/drivers.h"

namespace skep::hetzner {

namespace {

Attributes floating_ip_attributes(const Json& json) {
  return {{"address", json_string_or(json, "ip")}, {"server", id_text(json.value("server", Json()))}};
}

class FloatingIpDriver final : public Driver {
 public:
  explicit FloatingIpDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = {
        .driver = "hetzner.floating_ip",
        .doc = "A public IPv4 address at Hetzner Cloud that moves between servers.",
        .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                   {.name = "server", .required = true, .doc = "The server that has it."}},
        .outputs = {{.name = "address", .doc = "The IPv4 address."}},
        .listed = true,
        .timeout_create = std::chrono::minutes(3),
        .timeout_update = std::chrono::minutes(3),
        .timeout_destroy = std::chrono::minutes(3),
    };
    return schema;
  }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    return list_owned(cloud_, floating_ips(), cluster, floating_ip_attributes, context);
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    return find_owned(cloud_, floating_ips(), resource, remote_id, floating_ip_attributes, context);
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    const Json body = {{"type", "ipv4"}, {"server", id_number(json_string_or(resource.inputs, "server"))}};
    return create_owned(cloud_, floating_ips(), resource, body, floating_ip_attributes, context);
  }

  /// The API moves it, or says that it must be taken off first.
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const std::string server = json_string_or(resource.inputs, "server");
    const Json body = {{"server", id_number(server)}};
    auto moved = act(cloud_, floating_ips(), object.remote_id, "assign", body, context);
    if (!moved.ok() && moved.error().code == ErrorCode::conflict) {
      TRY(act(cloud_, floating_ips(), object.remote_id, "unassign", nullptr, context));
      moved = act(cloud_, floating_ips(), object.remote_id, "assign", body, context);
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
      TRY(act(cloud_, floating_ips(), object.remote_id, "unassign", nullptr, context));
    }
    return destroy_owned(cloud_, floating_ips(), resource, object.remote_id, context);
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    return settle(cloud_, floating_ips(), resource, std::move(object), floating_ip_attributes, context);
  }

 private:
  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_floating_ip_driver(Cloud& cloud) { return std::make_unique<FloatingIpDriver>(cloud); }

}  // namespace skep::hetzner
