// hetzner.network: the private network of a cluster, with one subnet in each network zone that it uses.
#include <algorithm>

#include "providers/hetzner/cloud.h"
#include "providers/hetzner/drivers.h"

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

class NetworkDriver final : public Driver {
 public:
  explicit NetworkDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = {
        .driver = "hetzner.network",
        .doc = "A private network at Hetzner Cloud: the swarm's own traffic goes over it.",
        .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                   {.name = "range",
                    .required = true,
                    .doc = "Its IPv4 range; it can be extended, never made smaller."},
                   {.name = "subnets", .required = true, .doc = "For each network zone the part of the range it has."}},
        .listed = true,
        .timeout_create = std::chrono::minutes(2),
        .timeout_update = std::chrono::minutes(3),
        .timeout_destroy = std::chrono::minutes(4),
    };
    return schema;
  }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    return list_owned(cloud_, networks(), cluster, network_attributes, context);
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    return find_owned(cloud_, networks(), resource, remote_id, network_attributes, context);
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    Json body = {{"ip_range", resource.inputs["range"]}, {"subnets", Json::array()}};
    for (const auto& subnet : resource.inputs["subnets"]) body["subnets"].push_back(subnet_body(subnet));
    return create_owned(cloud_, networks(), resource, body, network_attributes, context);
  }

  /// One change after the other: the API refuses two at once.
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const Attributes& wanted = resource.inputs;
    const auto present = TRY(find(resource, object.remote_id, context));
    if (!present) return Error{ErrorCode::not_found, "it is gone: somebody destroyed it"};
    if (present->attributes["range"] != wanted["range"]) {
      TRY(act(cloud_, networks(), object.remote_id, "change_ip_range", {{"ip_range", wanted["range"]}}, context));
    }
    for (const auto& one : present->attributes["subnets"]) {
      if (holds(wanted["subnets"], one)) continue;
      TRY(act(cloud_, networks(), object.remote_id, "delete_subnet", {{"ip_range", one["range"]}}, context));
    }
    for (const auto& one : wanted["subnets"]) {
      if (holds(present->attributes["subnets"], one)) continue;
      TRY(act(cloud_, networks(), object.remote_id, "add_subnet", subnet_body(one), context));
    }
    const auto changed = TRY(find(resource, object.remote_id, context));
    if (!changed) return Error{ErrorCode::not_found, "it is gone: somebody destroyed it"};
    return *changed;
  }

  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    return destroy_owned(cloud_, networks(), resource, object.remote_id, context);
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    return settle(cloud_, networks(), resource, std::move(object), network_attributes, context);
  }

 private:
  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_network_driver(Cloud& cloud) { return std::make_unique<NetworkDriver>(cloud); }

}  // namespace skep::hetzner
