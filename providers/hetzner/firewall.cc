// hetzner.firewall: what may reach the servers over their public addresses.
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/firewall_rules.h"
#include "providers/hetzner/kinds.h"

namespace skep::hetzner {

namespace {

Json target_of(const Json& selector) {
  return Json::array({{{"type", "label_selector"}, {"label_selector", {{"selector", selector}}}}});
}

/// The selector by which it finds servers; empty: servers name it.
std::string servers_behind(const Json& json) {
  for (const auto& target : json.value("applied_to", Json::array())) {
    const Json selector = target.value("label_selector", Json());
    if (selector.is_object()) return json_string_or(selector, "selector");
  }
  return {};
}

Attributes firewall_attributes(const Json& json) {
  const Json rules = canonical_rules(json.value("rules", Json::array()));
  Attributes attributes = members_in(rules);
  attributes["rules"] = rules;
  attributes["servers"] = servers_behind(json);
  return attributes;
}

Json rules_of(const Attributes& inputs) {
  return inputs.contains("members") ? member_rules(inputs["members"], inputs["ports"]) : inputs["rules"];
}

Json firewall_order(const Attributes& inputs) {
  Json body = {{"rules", rules_of(inputs)}};
  if (inputs.contains("servers")) body["apply_to"] = target_of(inputs["servers"]);
  return body;
}

Schema firewall_schema() {
  return {
      .driver = "hetzner.firewall",
      .doc =
          "A firewall at Hetzner Cloud, in front of the public addresses of the servers that name it, or of those with "
          "a label.",
      .inputs = {cluster_field(),
                 {.name = "rules", .doc = "What may come in; everything else is dropped."},
                 {.name = "members",
                  .doc = "Instead of rules: the addresses of all members of the cluster.",
                  .keeps_what_goes = true},
                 {.name = "ports", .doc = "What may come in from the members."},
                 {.name = "servers", .doc = "The label selector of its servers; without it, servers name it."}},
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
    TRY(act_on(object, "set_rules", {{"rules", rules_of(resource.inputs)}}, context));
    const std::string servers = json_string_or(resource.inputs, "servers");
    if (!servers.empty() && json_string_or(object.attributes, "servers") != servers) {
      TRY(act_on(object, "apply_to_resources", {{"apply_to", target_of(servers)}}, context));
    }
    return read_now(resource, object, context);
  }

  /// One that finds its servers is in use as long as it may find some.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    if (const std::string servers = json_string_or(object.attributes, "servers"); !servers.empty()) {
      const auto left = act_on(object, "remove_from_resources", {{"remove_from", target_of(servers)}}, context);
      if (!left.ok() && left.error().code != ErrorCode::not_found) return left.error();
    }
    return OwnedDriver::destroy(resource, object, context);
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
