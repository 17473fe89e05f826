// hetzner.firewall: what may reach the servers over their public addresses.
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/firewall_rules.h"
#include "providers/hetzner/kinds.h"

namespace skep::hetzner {

namespace {

Attributes firewall_attributes(const Json& json) {
  return {{"rules", canonical_rules(json.value("rules", Json::array()))}};
}

Json firewall_order(const Attributes& inputs) { return {{"rules", inputs["rules"]}}; }

Schema firewall_schema() {
  return {
      .driver = "hetzner.firewall",
      .doc = "A firewall at Hetzner Cloud, in front of the public addresses of the servers that name it.",
      .inputs = {cluster_field(),
                 {.name = "rules", .required = true, .doc = "What may come in; everything else is dropped."}},
      .listed = true,
      .timeout_create = std::chrono::minutes(2),
      .timeout_update = std::chrono::minutes(3),
      .timeout_destroy = std::chrono::minutes(4),
  };
}

class FirewallDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    TRY(act_on(object, "set_rules", {{"rules", resource.inputs["rules"]}}, context));
    Object changed = object;
    changed.attributes["rules"] = resource.inputs["rules"];
    return changed;
  }
};

}  // namespace

std::unique_ptr<Driver> make_firewall_driver(Cloud& cloud) {
  return std::make_unique<FirewallDriver>(cloud::OwnedParts{.cloud = cloud,
                                                            .kind = firewalls(),
                                                            .schema = firewall_schema(),
                                                            .to_attributes = firewall_attributes,
                                                            .order = firewall_order});
}

}  // namespace skep::hetzner
