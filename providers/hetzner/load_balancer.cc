// hetzner.load_balancer: spreads connections over a pool's servers, which it finds by their label, over the network.
#include <algorithm>
#include <vector>

#include "providers/hetzner/drivers.h"
#include "providers/hetzner/kinds.h"

namespace skep::hetzner {

namespace {

/// {port, to, protocol}, sorted, as expand() writes them.
Json listen_of(const Json& json) {
  std::vector<Json> listen;
  const Json services = json.value("services", Json::array());
  for (const auto& service : services) {
    Json door = {{"port", json_int_or(service, "listen_port", 0)},
                 {"to", json_int_or(service, "destination_port", 0)},
                 {"protocol", json_string_or(service, "protocol")}};
    const Json certificates = service.value(Json::json_pointer("/http/certificates"), Json());
    if (certificates.is_array() && !certificates.empty()) door["certificate"] = id_text(certificates.front());
    listen.push_back(std::move(door));
  }
  std::ranges::sort(listen);
  return listen;
}

/// {path, interval, timeout, retries} of one service, as expand() writes it.
Json health_check_in(const Json& service) {
  const Json check = service.value("health_check", Json::object());
  const Json path = check.value(Json::json_pointer("/http/path"), Json(""));
  return {{"path", json_string_or(check, "protocol") == "http" ? path : Json("")},
          {"interval", json_int_or(check, "interval", 0)},
          {"timeout", json_int_or(check, "timeout", 0)},
          {"retries", json_int_or(check, "retries", 0)}};
}

/// That of all services; where they differ, a list, so that a plan sets them right.
Json health_check_of_all(const Json& json) {
  Json checks = Json::array();
  for (const auto& service : json.value("services", Json::array())) {
    Json check = health_check_in(service);
    if (!holds(checks, check)) checks.push_back(std::move(check));
  }
  return checks.size() == 1 ? checks.front() : checks;
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
          {"health_check", health_check_of_all(json)},
          {"targets", targets_of(json)},
          {"network", nets.empty() ? "" : id_text(nets.front().value("network", Json()))},
          {"address", json_string_or(json.value(Json::json_pointer("/public_net/ipv4"), Json::object()), "ip")}};
}

/// Nodes are reached over http also where https ends here.
Json health_check_body(const Json& one, const Json& wanted) {
  const std::string path = json_string_or(wanted, "path");
  Json check = {{"protocol", path.empty() ? "tcp" : "http"},
                {"port", one["to"]},
                {"interval", wanted["interval"]},
                {"timeout", wanted["timeout"]},
                {"retries", wanted["retries"]}};
  if (!path.empty()) {
    check["http"] = {{"domain", nullptr}, {"path", path}, {"status_codes", {"2??", "3??"}}, {"tls", false}};
  }
  return check;
}

Json service_body(const Json& one, const Json& health_check) {
  Json service = {{"protocol", one["protocol"]},
                  {"listen_port", one["port"]},
                  {"destination_port", one["to"]},
                  {"proxyprotocol", false},
                  {"health_check", health_check_body(one, health_check)}};
  if (one["protocol"] == "tcp") return service;
  service["http"] = {
      {"cookie_name", "HCLBSTICKY"}, {"cookie_lifetime", 300}, {"timeout_idle", 50}, {"sticky_sessions", false}};
  if (one.contains("certificate")) {
    service["http"]["certificates"] = Json::array({id_number(json_string_or(one, "certificate"))});
    service["http"]["redirect_http"] = false;
  }
  return service;
}

Json target_body(const Json& selector) {
  return {{"type", "label_selector"}, {"label_selector", {{"selector", selector}}}, {"use_private_ip", true}};
}

Json load_balancer_order(const Attributes& inputs) {
  Json body = {{"load_balancer_type", inputs["type"]},
               {"location", inputs["location"]},
               {"network", id_number(json_string_or(inputs, "network"))},
               {"algorithm", {{"type", "round_robin"}}},
               {"services", Json::array()},
               {"targets", Json::array({target_body(inputs["targets"])})}};
  for (const auto& one : inputs["listen"]) body["services"].push_back(service_body(one, inputs["health_check"]));
  return body;
}

Schema load_balancer_schema() {
  return {
      .driver = "hetzner.load_balancer",
      .doc = "A load balancer at Hetzner Cloud in front of a pool.",
      .inputs = {cluster_field(),
                 {.name = "location", .on_change = OnChange::replace, .required = true, .doc = "Where it is."},
                 {.name = "type", .required = true, .doc = "How large it is, such as lb11."},
                 {.name = "network",
                  .on_change = OnChange::replace,
                  .required = true,
                  .doc = "The hetzner.network over which it reaches the servers."},
                 {.name = "listen", .required = true, .doc = "Its ports, where they lead, and their certificates."},
                 {.name = "health_check", .required = true, .doc = "When a server gets no connections any more."},
                 {.name = "targets", .required = true, .doc = "The labels of the servers behind it."}},
      .outputs = {{.name = "address", .doc = "Its public IPv4 address."}},
      .listed = true,
      .timeout_create = std::chrono::minutes(5),
      .timeout_update = std::chrono::minutes(5),
      .timeout_destroy = std::chrono::minutes(3),
  };
}

class LoadBalancerDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const Object present = TRY(read_now(resource, object, context));
    TRY(change_services(resource.inputs, present, context));
    TRY(change_targets(resource.inputs, present, context));
    if (present.attributes["type"] != resource.inputs["type"]) {
      TRY(act_on(object, "change_type", {{"load_balancer_type", resource.inputs["type"]}}, context));
    }
    return read_now(resource, object, context);
  }

 private:
  Result<void> change_services(const Attributes& inputs, const Object& present, const Context& context) {
    for (const auto& one : present.attributes["listen"]) {
      if (holds(inputs["listen"], one)) continue;
      TRY(act_on(present, "delete_service", {{"listen_port", one["port"]}}, context));
    }
    for (const auto& one : inputs["listen"]) {
      if (holds(present.attributes["listen"], one)) continue;
      TRY(act_on(present, "add_service", service_body(one, inputs["health_check"]), context));
    }
    if (present.attributes["health_check"] == inputs["health_check"]) return {};
    for (const auto& one : inputs["listen"]) {
      if (!holds(present.attributes["listen"], one)) continue;
      TRY(act_on(present, "update_service",
                 {{"listen_port", one["port"]}, {"health_check", health_check_body(one, inputs["health_check"])}},
                 context));
    }
    return {};
  }

  Result<void> change_targets(const Attributes& inputs, const Object& present, const Context& context) {
    const Json& now = present.attributes["targets"];
    if (now == inputs["targets"]) return {};
    const Json old = now.is_array() ? now : Json::array({now});
    if (!holds(old, inputs["targets"])) {
      TRY(act_on(present, "add_target", target_body(inputs["targets"]), context));
    }
    for (const auto& one : old) {
      if (one == inputs["targets"]) continue;
      Json body = target_body(one);
      body.erase("use_private_ip");
      TRY(act_on(present, "remove_target", body, context));
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<Driver> make_load_balancer_driver(Cloud& cloud) {
  return std::make_unique<LoadBalancerDriver>(cloud::OwnedParts{.cloud = cloud,
                                                                .kind = load_balancers(),
                                                                .schema = load_balancer_schema(),
                                                                .to_attributes = load_balancer_attributes,
                                                                .order = load_balancer_order});
}

}  // namespace skep::hetzner
