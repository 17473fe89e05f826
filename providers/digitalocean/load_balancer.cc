// digitalocean.load_balancer: spreads connections over a pool's droplets, which it finds by their tag.
#include <algorithm>
#include <vector>

#include "providers/digitalocean/drivers.h"
#include "providers/digitalocean/kinds.h"

namespace skep::digitalocean {

namespace {

constexpr Duration active_pause = std::chrono::seconds(5);

/// {port, to, protocol}, sorted, as expand() writes them.
Json listen_in(const Json& json) {
  std::vector<Json> listen;
  for (const auto& rule : json.value("forwarding_rules", Json::array())) {
    Json door = {{"port", json_int_or(rule, "entry_port", 0)},
                 {"to", json_int_or(rule, "target_port", 0)},
                 {"protocol", json_string_or(rule, "entry_protocol")}};
    if (!json_string_or(rule, "certificate_id").empty()) door["certificate"] = rule["certificate_id"];
    listen.push_back(std::move(door));
  }
  std::ranges::sort(listen);
  return listen;
}

/// {path, interval, timeout, retries}, as expand() writes it.
Json health_check_in(const Json& json) {
  const Json check = cloud::part_of(json, "health_check");
  const bool is_connection = json_string_or(check, "protocol") == "tcp";
  return {{"path", is_connection ? "" : json_string_or(check, "path")},
          {"interval", json_int_or(check, "check_interval_seconds", 0)},
          {"timeout", json_int_or(check, "response_timeout_seconds", 0)},
          {"retries", json_int_or(check, "unhealthy_threshold", 0)}};
}

Json health_check_body(const Attributes& inputs) {
  const Json& wanted = inputs["health_check"];
  const std::string path = json_string_or(wanted, "path");
  Json check = {{"protocol", path.empty() ? "tcp" : "http"},    {"port", inputs["listen"].front()["to"]},
                {"check_interval_seconds", wanted["interval"]}, {"response_timeout_seconds", wanted["timeout"]},
                {"healthy_threshold", wanted["retries"]},       {"unhealthy_threshold", wanted["retries"]}};
  if (!path.empty()) check["path"] = path;
  return check;
}

Attributes load_balancer_attributes(const Json& json) {
  return {{"location", json_string_or(cloud::part_of(json, "region"), "slug")},
          {"network", json_string_or(json, "vpc_uuid")},
          {"listen", listen_in(json)},
          {"health_check", health_check_in(json)},
          {"targets", json_string_or(json, "tag")},
          {"address", json_string_or(json, "ip")},
          {"status", json_string_or(json, "status")}};
}

/// Also the whole of a change: what it leaves out would go back to its usual value.
Json load_balancer_order(const Attributes& inputs) {
  Json rules = Json::array();
  for (const auto& one : inputs["listen"]) {
    const bool is_secure = one.contains("certificate");
    Json rule = {{"entry_protocol", one["protocol"]},
                 {"entry_port", one["port"]},
                 {"target_protocol", is_secure ? Json("http") : one["protocol"]},
                 {"target_port", one["to"]}};
    if (is_secure) rule["certificate_id"] = one["certificate"];
    rules.push_back(std::move(rule));
  }
  return {{"region", inputs["location"]}, {"vpc_uuid", inputs["network"]},
          {"tag", inputs["targets"]},     {"size_unit", 1},
          {"forwarding_rules", rules},    {"health_check", health_check_body(inputs)}};
}

Schema load_balancer_schema() {
  return {.driver = "digitalocean.load_balancer",
          .doc = "A load balancer at DigitalOcean in front of a pool.",
          .inputs = {cluster_field(),
                     {.name = "location", .on_change = OnChange::replace, .required = true, .doc = "Where it is."},
                     {.name = "network",
                      .on_change = OnChange::replace,
                      .required = true,
                      .doc = "The digitalocean.network over which it reaches the droplets."},
                     {.name = "listen", .required = true, .doc = "Its ports, where they lead, and their certificates."},
                     {.name = "health_check",
                      .required = true,
                      .doc = "When a droplet gets no connections any more; it is asked at the first port."},
                     {.name = "targets", .required = true, .doc = "The digitalocean.tag of the droplets behind it."}},
          .outputs = {{.name = "address", .doc = "Its public IPv4 address."},
                      {.name = "status", .doc = "new, active or errored."}},
          .listed = true,
          .timeout_create = std::chrono::minutes(10),
          .timeout_update = std::chrono::minutes(5),
          .timeout_destroy = std::chrono::minutes(3)};
}

class LoadBalancerDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    Json body = load_balancer_order(resource.inputs);
    kind().mark(body, cluster_of(resource), resource.id);
    cloud().inventory.mark_changed(kind());
    TRY(cloud().account.put(kind().path + "/" + object.remote_id, body, context));
    return read_now(resource, object, context);
  }

  /// It has no action to wait for, and no address before it is active.
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    object = TRY(OwnedDriver::wait_ready(resource, std::move(object), context));
    for (;;) {
      const std::string status = json_string_or(object.attributes, "status");
      if (status == "active" && !json_string_or(object.attributes, "address").empty()) return object;
      if (status == "errored") {
        return Error{ErrorCode::unavailable, "DigitalOcean could not make it; it gives no reason",
                     "destroy it at the provider and apply again; if it stays so, ask the provider"};
      }
      context.say("waiting for its address");
      TRY(cloud().account.clock().sleep(active_pause, context).doing("wait until it is active"));
      object = TRY(read_now(resource, object, context));
    }
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

}  // namespace skep::digitalocean
