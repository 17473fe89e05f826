// hetzner.firewall: what may reach the servers over their public addresses.
#include "providers/hetzner/cloud.h"
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/firewall_rules.h"

namespace skep::hetzner {

namespace {

Attributes firewall_attributes(const Json& json) {
  return {{"rules", canonical_rules(json.value("rules", Json::array()))}};
}

class FirewallDriver final : public Driver {
 public:
  explicit FirewallDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = {
        .driver = "hetzner.firewall",
        .doc = "A firewall at Hetzner Cloud, in front of the public addresses of the servers that name it.",
        .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                   {.name = "rules", .required = true, .doc = "What may come in; everything else is dropped."}},
        .listed = true,
        .timeout_create = std::chrono::minutes(2),
        .timeout_update = std::chrono::minutes(3),
        .timeout_destroy = std::chrono::minutes(4),
    };
    return schema;
  }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    return list_owned(cloud_, firewalls(), cluster, firewall_attributes, context);
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    return find_owned(cloud_, firewalls(), resource, remote_id, firewall_attributes, context);
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    return create_owned(cloud_, firewalls(), resource, {{"rules", resource.inputs["rules"]}}, firewall_attributes,
                        context);
  }

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    TRY(act(cloud_, firewalls(), object.remote_id, "set_rules", {{"rules", resource.inputs["rules"]}}, context));
    Object changed = object;
    changed.attributes["rules"] = resource.inputs["rules"];
    return changed;
  }

  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    return destroy_owned(cloud_, firewalls(), resource, object.remote_id, context);
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    return settle(cloud_, firewalls(), resource, std::move(object), firewall_attributes, context);
  }

 private:
  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_firewall_driver(Cloud& cloud) { return std::make_unique<FirewallDriver>(cloud); }

}  // namespace skep::hetzner
