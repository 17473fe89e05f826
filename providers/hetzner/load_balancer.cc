// hetzner.load_balancer: spreads connections over a pool's servers, which it finds by their label, over the network.
#include <algorithm>
#include <vector>

#include "providers/hetzner/cloud.h"
#include "providers/hetzner/drivers.h"

namespace skep::hetzner {

namespace {

/// {port, to, protocol}, sorted, as expand() writes them.
Json listen_of(const Json& json) {
  std::vector<Json> listen;
  const Json services = json.value("services", Json::array());
  for (const auto& service : services) {
    listen.push_back({{"port", json_int_or(service, "listen_port", 0)},
                      {"to", json_int_or(service, "destination_port", 0)},
                      {"protocol", json_string_or(service, "protocol")}});
  }
  std::ranges::sort(listen);
  return listen;
}

Json targets_of(const Json& json) {
  std::vector<std::string> selectors;
  const Json targets = json.value("targets", Json::array());
  for (const auto& target : targets) {
    const Json selector = target.value("label_selector", Json());
    if (selector.is_object()) selectors.push_back(json_string_or(selector, "selector"));
  }
  return selectors.size() == 1 ? Json(selectors.front()) : Json(selectors);
}

Attributes load_balancer_attributes(const Json& json) {
  const Json nets = json.value("private_net", Json::array());
  return {{"type", json_string_or(json.value("load_balancer_type", Json::object()), "name")},
          {"location", json_string_or(json.value("location", Json::object()), "name")},
          {"listen", listen_of(json)},
          {"targets", targets_of(json)},
          {"network", nets.empty() ? "" : id_text(nets.front().value("network", Json()))},
          {"address", json_string_or(json.value(Json::json_pointer("/public_net/ipv4"), Json::object()), "ip")}};
}

Json service_body(const Json& one) {
  Json service = {
      {"protocol", one["protocol"]},
      {"listen_port", one["port"]},
      {"destination_port", one["to"]},
      {"proxyprotocol", false},
      {"health_check", {{"protocol", "tcp"}, {"port", one["to"]}, {"interval", 15}, {"timeout", 10}, {"retries", 3}}}};
  if (one["protocol"] == "http") {
    service["http"] = {
        {"cookie_name", "HCLBSTICKY"}, {"cookie_lifetime", 300}, {"timeout_idle", 50}, {"sticky_sessions", false}};
  }
  return service;
}

Json target_body(const Json& selector) {
  return {{"type", "label_selector"}, {"label_selector", {{"selector", selector}}}, {"use_private_ip", true}};
}

class LoadBalancerDriver final : public Driver {
 public:
  explicit LoadBalancerDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = {
        .driver = "hetzner.load_balancer",
        .doc = "A load balancer at Hetzner Cloud in front of a pool.",
        .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                   {.name = "location", .on_change = OnChange::replace, .required = true, .doc = "Where it is."},
                   {.name = "type", .required = true, .doc = "How large it is, such as lb11."},
                   {.name = "network",
                    .on_change = OnChange::replace,
                    .required = true,
                    .doc = "The hetzner.network over which it reaches the servers."},
                   {.name = "listen", .required = true, .doc = "Its ports, and where they lead."},
                   {.name = "targets", .required = true, .doc = "The labels of the servers behind it."}},
        .outputs = {{.name = "address", .doc = "Its public IPv4 address."}},
        .listed = true,
        .timeout_create = std::chrono::minutes(5),
        .timeout_update = std::chrono::minutes(5),
        .timeout_destroy = std::chrono::minutes(3),
    };
    return schema;
  }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    return list_owned(cloud_, load_balancers(), cluster, load_balancer_attributes, context);
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    return find_owned(cloud_, load_balancers(), resource, remote_id, load_balancer_attributes, context);
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    const Attributes& inputs = resource.inputs;
    Json body = {{"load_balancer_type", inputs["type"]},
                 {"location", inputs["location"]},
                 {"network", id_number(json_string_or(inputs, "network"))},
                 {"algorithm", {{"type", "round_robin"}}},
                 {"services", Json::array()},
                 {"targets", Json::array({target_body(inputs["targets"])})}};
    for (const auto& one : inputs["listen"]) body["services"].push_back(service_body(one));
    return create_owned(cloud_, load_balancers(), resource, body, load_balancer_attributes, context);
  }

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    auto present = TRY(find(resource, object.remote_id, context));
    if (!present) return Error{ErrorCode::not_found, "it is gone: somebody destroyed it"};
    TRY(change_services(resource.inputs, *present, context));
    TRY(change_targets(resource.inputs, *present, context));
    if (present->attributes["type"] != resource.inputs["type"]) {
      TRY(act(cloud_, load_balancers(), object.remote_id, "change_type",
              {{"load_balancer_type", resource.inputs["type"]}}, context));
    }
    present = TRY(find(resource, object.remote_id, context));
    if (!present) return Error{ErrorCode::not_found, "it is gone: somebody destroyed it"};
    return *present;
  }

  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    return destroy_owned(cloud_, load_balancers(), resource, object.remote_id, context);
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    return settle(cloud_, load_balancers(), resource, std::move(object), load_balancer_attributes, context);
  }

 private:
  Result<void> change_services(const Attributes& inputs, const Object& present, const Context& context) {
    for (const auto& one : present.attributes["listen"]) {
      if (holds(inputs["listen"], one)) continue;
      TRY(act(cloud_, load_balancers(), present.remote_id, "delete_service", {{"listen_port", one["port"]}}, context));
    }
    for (const auto& one : inputs["listen"]) {
      if (holds(present.attributes["listen"], one)) continue;
      TRY(act(cloud_, load_balancers(), present.remote_id, "add_service", service_body(one), context));
    }
    return {};
  }

  Result<void> change_targets(const Attributes& inputs, const Object& present, const Context& context) {
    const Json& now = present.attributes["targets"];
    if (now == inputs["targets"]) return {};
    const Json old = now.is_array() ? now : Json::array({now});
    if (!holds(old, inputs["targets"])) {
      TRY(act(cloud_, load_balancers(), present.remote_id, "add_target", target_body(inputs["targets"]), context));
    }
    for (const auto& one : old) {
      if (one == inputs["targets"]) continue;
      Json body = target_body(one);
      body.erase("use_private_ip");
      TRY(act(cloud_, load_balancers(), present.remote_id, "remove_target", body, context));
    }
    return {};
  }

  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_load_balancer_driver(Cloud& cloud) { return std::make_unique<LoadBalancerDriver>(cloud); }

}  // namespace skep::hetzner
