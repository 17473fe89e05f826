// digitalocean.network: the VPC of a cluster. It lies in one region, and its range never changes.
#include "providers/digitalocean/drivers.h"
#include "providers/digitalocean/kinds.h"

namespace skep::digitalocean {

namespace {

Attributes network_attributes(const Json& json) {
  return {{"range", json_string_or(json, "ip_range")}, {"location", json_string_or(json, "region")}};
}

Json network_order(const Attributes& inputs) { return {{"region", inputs["location"]}, {"ip_range", inputs["range"]}}; }

Schema network_schema() {
  return {.driver = "digitalocean.network",
          .doc = "A VPC at DigitalOcean: the swarm's own traffic goes over it.",
          .inputs = {cluster_field(),
                     {.name = "range",
                      .on_change = OnChange::replace,
                      .required = true,
                      .doc = "Its IPv4 range; no other VPC of the account may overlap it."},
                     {.name = "location",
                      .on_change = OnChange::replace,
                      .required = true,
                      .doc = "The region that it is in, and its droplets."}},
          .listed = true,
          .timeout_create = std::chrono::minutes(2),
          .timeout_destroy = std::chrono::minutes(4)};
}

}  // namespace

std::unique_ptr<Driver> make_network_driver(Cloud& cloud) {
  return std::make_unique<OwnedDriver>(cloud::OwnedParts{.cloud = cloud,
                                                         .kind = networks(),
                                                         .schema = network_schema(),
                                                         .to_attributes = network_attributes,
                                                         .order = network_order});
}

}  // namespace skep::digitalocean
