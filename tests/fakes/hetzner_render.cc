// How objects of the simulated Hetzner Cloud look from outside: relations are kept once and computed where they show.
#include <algorithm>

#include "tests/fakes/hetzner_catalog.h"
#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

template <class Test>
Json ids_where(World& world, const std::string& kind, const Test& test) {
  Json ids = Json::array();
  for (const auto& [id, object] : world.all(kind)) {
    if (test(object)) ids.push_back(id);
  }
  return ids;
}

bool is_on_network(const Json& object, const Json& network) {
  return std::ranges::any_of(object["_networks"], [&](const Json& one) { return one["network"] == network; });
}

Json public_net(World& world, const Json& server) {
  Json net = {{"ipv4", nullptr}, {"ipv6", nullptr}, {"firewalls", server["_firewalls"]}};
  for (const auto& [id, ip] : world.all("primary_ips")) {
    if (ip["assignee_id"] != server["id"]) continue;
    if (ip["type"] == "ipv4") {
      net["ipv4"] = {{"id", id}, {"ip", ip["ip"]}, {"blocked", false}, {"dns_ptr", ip["dns_ptr"][0]["dns_ptr"]}};
    } else {
      net["ipv6"] = {{"id", id}, {"ip", ip["ip"]}, {"blocked", false}, {"dns_ptr", ip["dns_ptr"]}};
    }
  }
  net["floating_ips"] = ids_where(world, "floating_ips", [&](const Json& ip) { return ip["server"] == server["id"]; });
  return net;
}

Json placement_group(World& world, const Json& group) {
  Json result = visible(group);
  result["servers"] = ids_where(world, "servers", [&](const Json& one) { return one["_group"] == group["id"]; });
  return result;
}

Json server(World& world, const Json& object) {
  Json result = visible(object);
  const Id id = object["id"];
  result["public_net"] = public_net(world, object);
  result["private_net"] = Json::array();
  const bool is_made = object["status"] != "initializing";
  for (const auto& one : object["_networks"]) {
    if (is_made && one.value("ready", true)) {
      result["private_net"].push_back({{"network", one["network"]},
                                       {"ip", one["ip"]},
                                       {"alias_ips", one["alias_ips"]},
                                       {"mac_address", one["mac_address"]}});
    }
  }
  result["locked"] = world.is_busy(id, "server");
  result["volumes"] = ids_where(world, "volumes", [&](const Json& volume) { return volume["server"] == id; });
  result["load_balancers"] = ids_where(world, "load_balancers", [&](const Json& balancer) {
    return std::ranges::any_of(balancer["targets"], [&](const Json& target) {
      return target["type"] == "server" && target["server"]["id"] == id;
    });
  });
  const Json* group = object["_group"].is_null() ? nullptr : world.find("placement_groups", object["_group"]);
  result["placement_group"] = group == nullptr ? Json() : placement_group(world, *group);
  return result;
}

Json network(World& world, const Json& object) {
  Json result = visible(object);
  const auto on_it = [&](const Json& one) { return is_on_network(one, object["id"]); };
  result["servers"] = ids_where(world, "servers", on_it);
  result["load_balancers"] = ids_where(world, "load_balancers", on_it);
  return result;
}

Json firewall(World& world, const Json& object) {
  Json result = visible(object);
  result["applied_to"] = Json::array();
  for (const auto& target : object["_targets"]) {
    Json shown = target;
    if (target["type"] == "label_selector") {
      shown["applied_to_resources"] = Json::array();
      const std::string selector = target["label_selector"]["selector"];
      for (const auto& [id, one] : world.all("servers")) {
        if (matches_selector(one["labels"], selector)) {
          shown["applied_to_resources"].push_back({{"type", "server"}, {"server", {{"id", id}}}});
        }
      }
    }
    result["applied_to"].push_back(shown);
  }
  return result;
}

/// A target is healthy once its server runs.
Json health(World& world, const Json& balancer, const Json& server_id) {
  Json result = Json::array();
  const Json* one = server_id.is_null() ? nullptr : world.find("servers", server_id);
  const char* status = one == nullptr ? "unknown" : (*one)["status"] == "running" ? "healthy" : "unhealthy";
  for (const auto& service : balancer["services"]) {
    result.push_back({{"listen_port", service["listen_port"]}, {"status", status}});
  }
  return result;
}

Json load_balancer(World& world, const Json& object) {
  Json result = visible(object);
  result["private_net"] = Json::array();
  for (const auto& one : object["_networks"]) {
    result["private_net"].push_back({{"network", one["network"]}, {"ip", one["ip"]}});
  }
  for (auto& target : result["targets"]) {
    if (target["type"] == "server") {
      target["health_status"] = health(world, object, target["server"]["id"]);
    } else if (target["type"] == "ip") {
      target["health_status"] = health(world, object, nullptr);
    } else {
      target["targets"] = Json::array();
      for (const auto& [id, one] : world.all("servers")) {
        if (!matches_selector(one["labels"], target["label_selector"]["selector"])) continue;
        target["targets"].push_back({{"type", "server"},
                                     {"server", {{"id", id}}},
                                     {"health_status", health(world, object, id)},
                                     {"use_private_ip", target["use_private_ip"]}});
      }
    }
  }
  return result;
}

Json zone(World& world, const Json& object) {
  Json result = visible(object);
  std::size_t count = 0;
  for (const auto& [id, rrset] : world.all("rrsets")) {
    if (rrset["zone"] == object["id"]) count += rrset["records"].size();
  }
  result["record_count"] = count;
  return result;
}

}  // namespace

Json render(World& world, const std::string& kind, const Json& object) {
  if (kind == "servers") return server(world, object);
  if (kind == "networks") return network(world, object);
  if (kind == "firewalls") return firewall(world, object);
  if (kind == "placement_groups") return placement_group(world, object);
  if (kind == "load_balancers") return load_balancer(world, object);
  if (kind == "zones") return zone(world, object);
  return visible(object);
}

Json wrapped(World& world, const std::string& kind, const Json& object) {
  return {{singular(kind), render(world, kind, object)}};
}

}  // namespace skep::testing::hetzner
