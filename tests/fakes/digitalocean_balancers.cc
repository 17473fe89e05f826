// Load balancers of the simulated DigitalOcean.
#include <fmt/format.h>

#include <algorithm>

#include "tests/fakes/digitalocean_catalog.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

Json forwarding_form() {
  return Json::array({{{"entry_protocol!", "string in=http|https|http2|http3|tcp|udp"},
                       {"entry_port!", "integer 1..65535"},
                       {"target_protocol!", "string in=http|https|http2|tcp|udp"},
                       {"target_port!", "integer 1..65535"},
                       {"certificate_id", "string"},
                       {"tls_passthrough", "boolean"}}});
}

Json health_form() {
  return {{"protocol", "string in=http|https|tcp"},
          {"port", "integer 1..65535"},
          {"path", "string"},
          {"check_interval_seconds", "integer 3..300"},
          {"response_timeout_seconds", "integer 3..300"},
          {"unhealthy_threshold", "integer 2..10"},
          {"healthy_threshold", "integer 2..10"}};
}

Json balancer_form() {
  return {{"id", "string"},
          {"name", "string 1..255"},
          {"project_id", "string"},
          {"ip", "string"},
          {"ipv6", "string"},
          {"size_unit", "integer 1..100"},
          {"size", "string in=lb-small|lb-medium|lb-large"},
          {"algorithm", "string in=round_robin|least_connections"},
          {"status", "string in=new|active|errored"},
          {"created_at", "string"},
          {"forwarding_rules!", forwarding_form()},
          {"health_check", health_form()},
          {"sticky_sessions",
           {{"type", "string in=cookies|none"}, {"cookie_name", "string"}, {"cookie_ttl_seconds", "integer"}}},
          {"redirect_http_to_https", "boolean"},
          {"enable_proxy_protocol", "boolean"},
          {"enable_backend_keepalive", "boolean"},
          {"http_idle_timeout_seconds", "integer 30..600"},
          {"vpc_uuid", "string"},
          {"disable_lets_encrypt_dns_records", "boolean"},
          {"firewall", {{"deny", {"string"}}, {"allow", {"string"}}}},
          {"network", "string in=EXTERNAL|INTERNAL"},
          {"network_stack", "string in=IPV4|DUALSTACK"},
          {"type", "string in=REGIONAL|REGIONAL_NETWORK|GLOBAL"},
          {"domains", {{{"name", "string"}, {"is_managed", "boolean"}, {"certificate_id", "string"}}}},
          {"glb_settings",
           {{"target_protocol", "string in=http|https|http2"},
            {"target_port", "integer"},
            {"cdn", {{"is_enabled", "boolean"}}},
            {"region_priorities", {{"*", "integer"}}},
            {"failover_threshold", "integer"}}},
          {"target_load_balancer_ids", {"string"}},
          {"tls_cipher_policy", "string in=DEFAULT|STRONG"},
          {"region!", "string"},
          {"droplet_ids", {"integer"}},
          {"tag", "string"}};
}

void check_forwarding(const World& world, const Json& rules) {
  if (rules.empty()) fail_input("at least one forwarding rule is required");
  for (const auto& rule : rules) {
    const auto same = std::ranges::count_if(rules, [&](const Json& other) {
      return other["entry_port"] == rule["entry_port"] && other["entry_protocol"] == rule["entry_protocol"];
    });
    if (same > 1) fail_input(fmt::format("entry port {} is used twice", rule["entry_port"].dump()));
    const bool is_secure = rule["entry_protocol"] == "https" || rule["entry_protocol"] == "http2";
    if (is_secure && rule.value("certificate_id", std::string()).empty() && !rule.value("tls_passthrough", false)) {
      fail_input("a certificate or tls_passthrough is required for https and http2");
    }
    const std::string certificate = rule.value("certificate_id", std::string());
    if (!certificate.empty() && !world.options.certificates.contains(certificate)) fail_input("certificate not found");
  }
}

void check_targets(World& world, const Json& ids, const std::string& region) {
  for (const auto& id : ids) {
    if (droplet_wanted(world, id)["_region"] != region) fail_input("a Droplet is in another region");
  }
}

Json with_defaults(const Json& given, Json usual) {
  usual.update(given);
  return usual;
}

/// All that a body says or, where it says nothing, what the service takes.
Json settings_wanted(World& world, const Json& body) {
  if (body.contains("droplet_ids") == body.contains("tag")) fail_input("either droplet_ids or tag is required");
  const std::string region = region_wanted(world, body["region"])["slug"];
  check_forwarding(world, body["forwarding_rules"]);
  check_targets(world, body.value("droplet_ids", Json::array()), region);
  const std::string project = body.value("project_id", std::string());
  if (!project.empty() && world.find("projects", project) == nullptr) fail_input("project not found");
  Json rules = Json::array();
  for (const auto& rule : body["forwarding_rules"]) {
    rules.push_back(with_defaults(rule, {{"certificate_id", ""}, {"tls_passthrough", false}}));
  }
  Json result = {
      {"name", body.value("name", std::string("lb"))},
      {"project_id", project.empty() ? default_project(world)["id"] : Json(project)},
      {"size_unit", body.value("size_unit", 1)},
      {"algorithm", body.value("algorithm", std::string("round_robin"))},
      {"forwarding_rules", rules},
      {"health_check", with_defaults(body.value("health_check", Json::object()), {{"protocol", "http"},
                                                                                  {"port", 80},
                                                                                  {"path", "/"},
                                                                                  {"check_interval_seconds", 10},
                                                                                  {"response_timeout_seconds", 5},
                                                                                  {"unhealthy_threshold", 5},
                                                                                  {"healthy_threshold", 3}})},
      {"sticky_sessions", with_defaults(body.value("sticky_sessions", Json::object()), {{"type", "none"}})},
      {"http_idle_timeout_seconds", body.value("http_idle_timeout_seconds", 60)},
      {"firewall",
       with_defaults(body.value("firewall", Json::object()), {{"deny", Json::array()}, {"allow", Json::array()}})},
      {"network", body.value("network", std::string("EXTERNAL"))},
      {"network_stack", body.value("network_stack", std::string("IPV4"))},
      {"type", body.value("type", std::string("REGIONAL"))},
      {"tls_cipher_policy", body.value("tls_cipher_policy", std::string("DEFAULT"))},
      {"_region", region}};
  for (const auto* flag : {"redirect_http_to_https", "enable_proxy_protocol", "enable_backend_keepalive",
                           "disable_lets_encrypt_dns_records"}) {
    result[flag] = body.value(flag, false);
  }
  if (body.contains("tag")) result["tag"] = tags_wanted(world, Json::array({body["tag"]}))[0];
  if (body.contains("droplet_ids")) result["droplet_ids"] = body["droplet_ids"];
  return result;
}

void check_balancer_name(World& world, const Json& name, const Json& except) {
  const Json* other = world.find_by("load_balancers", "name", name);
  if (other != nullptr && (*other)["id"] != except) fail_input("a load balancer with this name exists already");
}

Answer create_balancer(World& world, const Call& call) {
  const Json body = accepted(call.body, balancer_form());
  Json balancer = settings_wanted(world, body);
  check_balancer_name(world, balancer["name"], nullptr);
  balancer["id"] = world.next_uuid();
  balancer["ip"] = "";
  balancer["ipv6"] = "";
  balancer["status"] = "new";
  balancer["created_at"] = world.time_text();
  balancer["vpc_uuid"] = vpc_wanted(world, body.value("vpc_uuid", Json()), balancer["_region"])["id"];
  const Json& made = world.add("load_balancers", balancer);
  assign_to_project(world, "do:loadbalancer:" + key_of(made), made["project_id"]);
  world.later(std::chrono::seconds(20), [id = key_of(made)](World& w) {
    Json* one = w.find("load_balancers", id);
    if (one == nullptr) return;
    (*one)["status"] = "active";
    (*one)["ip"] = w.next_ipv4();
  });
  return {202, wrapped(world, "load_balancers", made)};
}

Answer replace_balancer(World& world, const Call& call) {
  Json& balancer = world.get("load_balancers", call.path[0]);
  const Json body = accepted(call.body, balancer_form());
  Json wanted = settings_wanted(world, body);
  if (wanted["_region"] != balancer["_region"]) fail_input("the region of a load balancer can not be changed");
  for (const auto* fixed : {"type", "network"}) {
    if (wanted[fixed] != balancer[fixed])
      fail_input(fmt::format("the {} of a load balancer can not be changed", fixed));
  }
  if (body.contains("vpc_uuid") && body["vpc_uuid"] != balancer["vpc_uuid"]) {
    fail_input("the VPC of a load balancer can not be changed");
  }
  check_balancer_name(world, wanted["name"], balancer["id"]);
  if (balancer["status"] == "new") fail_input("the load balancer is not active yet");
  balancer.erase("droplet_ids");
  balancer.erase("tag");
  balancer.update(wanted);
  return {200, wrapped(world, "load_balancers", balancer)};
}

Answer destroy_balancer(World& world, const Call& call) {
  const std::string id = key_of(world.get("load_balancers", call.path[0]));
  leave_project(world, "do:loadbalancer:" + id);
  world.destroy("load_balancers", id);
  return {204};
}

Answer change_targets(World& world, const Call& call) {
  Json& balancer = world.get("load_balancers", call.path[0]);
  const Json ids = accepted(call.body, {{"droplet_ids!", {"integer"}}})["droplet_ids"];
  if (balancer.contains("tag")) fail_input("the load balancer has its Droplets by tag");
  check_targets(world, ids, balancer["_region"]);
  for (const auto& id : ids) {
    erase_where(balancer["droplet_ids"], [&](const Json& one) { return one == id; });
    if (call.method == "POST") balancer["droplet_ids"].push_back(id);
  }
  return {204};
}

Answer change_forwarding(World& world, const Call& call) {
  Json& balancer = world.get("load_balancers", call.path[0]);
  const Json rules = accepted(call.body, {{"forwarding_rules!", forwarding_form()}})["forwarding_rules"];
  if (rules.empty()) fail_input("at least one forwarding rule is required");
  Json changed = balancer["forwarding_rules"];
  for (const auto& rule : rules) {
    const Json whole = with_defaults(rule, {{"certificate_id", ""}, {"tls_passthrough", false}});
    erase_where(changed, [&](const Json& one) { return one == whole; });
    if (call.method == "POST") changed.push_back(whole);
  }
  check_forwarding(world, changed);
  balancer["forwarding_rules"] = changed;
  return {204};
}

}  // namespace

void add_load_balancer_routes(Routes& routes) {
  add_list_route(routes, "load_balancers");
  add_reading_route(routes, "load_balancers");
  routes.push_back({"POST", "/load_balancers", create_balancer});
  routes.push_back({"PUT", "/load_balancers/{}", replace_balancer});
  routes.push_back({"DELETE", "/load_balancers/{}", destroy_balancer});
  for (const auto* method : {"POST", "DELETE"}) {
    routes.push_back({method, "/load_balancers/{}/droplets", change_targets});
    routes.push_back({method, "/load_balancers/{}/forwarding_rules", change_forwarding});
  }
}

}  // namespace skep::testing::digitalocean
