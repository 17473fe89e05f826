// digitalocean.firewall: what may reach the droplets that carry its tag, over public and private addresses.
#include "providers/digitalocean/drivers.h"
#include "providers/digitalocean/firewall_rules.h"
#include "providers/digitalocean/kinds.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

Attributes firewall_attributes(const Json& json) {
  const auto applied = tags_of(json);
  const Json rules = canonical_rules(json.value("inbound_rules", Json::array()), "sources");
  Attributes attributes = members_in(rules);
  attributes["rules"] = rules;
  attributes["outbound"] = canonical_rules(json.value("outbound_rules", Json::array()), "destinations");
  attributes["tag"] = applied.size() == 1 ? Json(applied.front()) : Json(applied);
  return attributes;
}

Json firewall_order(const Attributes& inputs) {
  if (inputs.contains("members")) {
    return {{"inbound_rules", to_api(member_rules(inputs["members"], inputs["ports"]), "sources")},
            {"tags", {inputs["tag"]}}};
  }
  return {{"inbound_rules", to_api(inputs["rules"], "sources")},
          {"outbound_rules", to_api(inputs["outbound"], "destinations")},
          {"tags", {inputs["tag"]}}};
}

Schema firewall_schema() {
  return {.driver = "digitalocean.firewall",
          .doc = "A firewall at DigitalOcean, in front of all addresses of the droplets that carry its tag.",
          .inputs = {cluster_field(),
                     {.name = "rules", .doc = "What may come in; everything else is dropped."},
                     {.name = "outbound", .doc = "What may go out; everything else is dropped."},
                     {.name = "members",
                      .doc = "Instead of rules: the addresses of all members of the cluster.",
                      .keeps_what_goes = true},
                     {.name = "ports", .doc = "What may come in from the members."},
                     {.name = "tag", .required = true, .doc = "The digitalocean.tag of its droplets."}},
          .listed = true,
          .timeout_create = std::chrono::minutes(2),
          .timeout_update = std::chrono::minutes(3),
          .timeout_destroy = std::chrono::minutes(4)};
}

class FirewallDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  /// A PUT sets everything, and what it leaves out goes back to nothing.
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    Json body = firewall_order(resource.inputs);
    kind().mark(body, cluster_of(resource), resource.id);
    cloud().inventory.mark_changed(kind());
    const Json answer = TRY(cloud().account.put(kind().path + "/" + object.remote_id, body, context));
    return to_object(kind(), answer.value(kind().one, Json::object()), to_attributes());
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

}  // namespace skep::digitalocean
