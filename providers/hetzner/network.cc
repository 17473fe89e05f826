// hetzner.network: the private network of a cluster, with one subnet in each network zone that it uses.
#include <algorithm>

#include "providers/hetzner/drivers.h"
#include "providers/hetzner/kinds.h"

namespace skep::hetzner {

namespace {

/// Sorted, as expand() writes them.
Json subnets_of(const Json& json) {
  std::vector<Json> subnets;
  const Json list = json.value("subnets", Json::array());
  for (const auto& one : list) {
    subnets.push_back({{"range", json_string_or(one, "ip_range")}, {"zone", json_string_or(one, "network_zone")}});
  }
  std::ranges::sort(subnets);
  return subnets;
}

Attributes network_attributes(const Json& json) {
  return {{"range", json_string_or(json, "ip_range")}, {"subnets", subnets_of(json)}};
}

Json subnet_body(const Json& subnet) {
  return {{"type", "cloud"}, {"network_zone", subnet["zone"]}, {"ip_range", subnet["range"]}};
}

Json network_order(const Attributes& inputs) {
  Json body = {{"ip_range", inputs["range"]}, {"subnets", Json::array()}};
  for (const auto& subnet : inputs["subnets"]) body["subnets"].push_back(subnet_body(subnet));
  return body;
}

Schema network_schema() {
  return {
      .driver = "hetzner.network",
      .doc = "A private network at Hetzner Cloud: the swarm's own traffic goes over it.",
      .inputs = {cluster_field(),
                 {.name = "range", .on_change = OnChange::grows, .required = true, .doc = "Its IPv4 range."},
                 {.name = "subnets", .required = true, .doc = "For each network zone the part of the range it has."}},
      .listed = true,
      .timeout_create = std::chrono::minutes(2),
      .timeout_update = std::chrono::minutes(3),
      .timeout_destroy = std::chrono::minutes(4),
  };
}

class NetworkDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  /// One change after the other: the API refuses two at once.
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const Attributes& wanted = resource.inputs;
    const Object present = TRY(read_now(resource, object, context));
    if (present.attributes["range"] != wanted["range"]) {
      TRY(act_on(object, "change_ip_range", {{"ip_range", wanted["range"]}}, context));
    }
    for (const auto& one : present.attributes["subnets"]) {
      if (holds(wanted["subnets"], one)) continue;
      TRY(act_on(object, "delete_subnet", {{"ip_range", one["range"]}}, context));
    }
    for (const auto& one : wanted["subnets"]) {
      if (holds(present.attributes["subnets"], one)) continue;
      TRY(act_on(object, "add_subnet", subnet_body(one), context));
    }
    return read_now(resource, object, context);
  }
};

}  // namespace

std::unique_ptr<Driver> make_network_driver(Cloud& cloud) {
  return std::make_unique<NetworkDriver>(cloud::OwnedParts{.cloud = cloud,
                                                           .kind = networks(),
                                                           .schema = network_schema(),
                                                           .to_attributes = network_attributes,
                                                           .order = network_order});
}

}  // namespace skep::hetzner
