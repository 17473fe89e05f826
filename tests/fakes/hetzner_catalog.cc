#include "tests/fakes/hetzner_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

namespace skep::testing::hetzner {

namespace {

constexpr std::int64_t terabyte = 1'000'000'000'000;

std::string decimal(double value) { return fmt::format("{:.10f}", value); }

Json price(double net) { return {{"net", decimal(net)}, {"gross", decimal(net * 1.19)}}; }

Json prices_in(const std::vector<std::string>& places, double monthly) {
  Json result = Json::array();
  for (const auto& place : places) {
    const bool is_far = place == "ash" || place == "hil" || place == "sin";
    result.push_back({{"location", place},
                      {"price_hourly", price(monthly / 624)},
                      {"price_monthly", price(monthly)},
                      {"included_traffic", (is_far ? 1 : 20) * terabyte},
                      {"price_per_tb_traffic", price(is_far ? 7.4 : 1.0)}});
  }
  return result;
}

Json location(std::int64_t id, const char* name, const char* city, const char* country, const char* zone) {
  return {{"id", id},           {"name", name},        {"description", std::string(city) + " DC Park 1"},
          {"country", country}, {"city", city},        {"latitude", 50.0 + static_cast<double>(id)},
          {"longitude", 11.0},  {"network_zone", zone}};
}

std::int64_t location_id(const std::string& name) { return catalog_entry(locations(), name)["id"]; }

struct Type {
  std::int64_t id;
  const char* name;
  int cores;
  int memory_gb;
  int disk_gb;
  const char* cpu;
  const char* architecture;
  double monthly;
  std::vector<std::string> places;
  bool is_going = false;
};

Json server_type(const Type& type) {
  const Json deprecation =
      type.is_going ? Json{{"announced", "2025-10-01T00:00:00Z"}, {"unavailable_after", "2026-01-01T00:00:00Z"}}
                    : Json();
  Json places = Json::array();
  for (const auto& place : type.places) {
    places.push_back({{"id", location_id(place)},
                      {"name", place},
                      {"deprecation", deprecation},
                      {"recommended", !type.is_going},
                      {"available", !type.is_going}});
  }
  return {{"id", type.id},
          {"name", type.name},
          {"description", std::string("Type ") + type.name},
          {"cores", type.cores},
          {"memory", type.memory_gb},
          {"disk", type.disk_gb},
          {"deprecated", type.is_going},
          {"prices", prices_in(type.places, type.monthly)},
          {"storage_type", "local"},
          {"cpu_type", type.cpu},
          {"category", type.cpu == std::string("dedicated") ? "general_purpose" : "cost_optimized"},
          {"architecture", type.architecture},
          {"deprecation", deprecation},
          {"locations", places}};
}

Json image(std::int64_t id, const char* name, const char* flavor, const char* version, const char* architecture) {
  return {{"id", id},
          {"type", "system"},
          {"status", "available"},
          {"name", name},
          {"description", std::string(flavor) + " " + version},
          {"image_size", nullptr},
          {"disk_size", 5},
          {"created", "2025-06-01T00:00:00Z"},
          {"created_from", nullptr},
          {"bound_to", nullptr},
          {"os_flavor", flavor},
          {"os_version", version},
          {"rapid_deploy", true},
          {"protection", {{"delete", false}}},
          {"deprecated", nullptr},
          {"deleted", nullptr},
          {"labels", Json::object()},
          {"architecture", architecture}};
}

const std::vector<std::string> eu = {"fsn1", "nbg1", "hel1"};
const std::vector<std::string> everywhere = {"fsn1", "nbg1", "hel1", "ash", "hil", "sin"};

}  // namespace

const Json& locations() {
  static const Json list = {
      location(1, "fsn1", "Falkenstein", "DE", "eu-central"), location(2, "nbg1", "Nuremberg", "DE", "eu-central"),
      location(3, "hel1", "Helsinki", "FI", "eu-central"),    location(4, "ash", "Ashburn, VA", "US", "us-east"),
      location(5, "hil", "Hillsboro, OR", "US", "us-west"),   location(6, "sin", "Singapore", "SG", "ap-southeast")};
  return list;
}

const Json& server_types() {
  static const Json list = [] {
    Json types = Json::array();
    for (const auto& type : std::vector<Type>{
             {104, "cx22", 2, 4, 40, "shared", "x86", 3.79, eu, true},
             {114, "cx23", 2, 4, 40, "shared", "x86", 5.49, eu},
             {115, "cx33", 4, 8, 80, "shared", "x86", 8.49, eu},
             {116, "cx43", 8, 16, 160, "shared", "x86", 15.99, eu},
             {109, "cpx22", 2, 4, 80, "shared", "x86", 19.49, everywhere},
             {110, "cpx32", 4, 8, 160, "shared", "x86", 35.49, everywhere},
             {45, "cax11", 2, 4, 40, "shared", "arm", 5.99, eu},
             {93, "cax21", 4, 8, 80, "shared", "arm", 9.99, eu},
             {96, "ccx13", 2, 8, 80, "dedicated", "x86", 16.49, everywhere},
             {97, "ccx23", 4, 16, 160, "dedicated", "x86", 31.49, everywhere},
         }) {
      types.push_back(server_type(type));
    }
    return types;
  }();
  return list;
}

Json system_images() {
  return {image(114690387, "debian-12", "debian", "12", "x86"),
          image(114690389, "debian-12", "debian", "12", "arm"),
          image(310557660, "debian-13", "debian", "13", "x86"),
          image(310557661, "debian-13", "debian", "13", "arm"),
          image(67794396, "ubuntu-22.04", "ubuntu", "22.04", "x86"),
          image(161547269, "ubuntu-24.04", "ubuntu", "24.04", "x86"),
          image(161547270, "ubuntu-24.04", "ubuntu", "24.04", "arm")};
}

const Json& load_balancer_types() {
  static const Json list = [] {
    Json types = Json::array();
    std::int64_t id = 1;
    for (const auto& [name, targets, monthly] : std::vector<std::tuple<const char*, int, double>>{
             {"lb11", 25, 7.49}, {"lb21", 75, 16.4}, {"lb31", 150, 32.9}}) {
      types.push_back({{"id", id},
                       {"name", name},
                       {"description", std::string("Balancer ") + name},
                       {"max_connections", 10000 * id},
                       {"max_services", 5 * id},
                       {"max_targets", targets},
                       {"max_assigned_certificates", 10 * id},
                       {"deprecated", nullptr},
                       {"prices", prices_in(everywhere, monthly)}});
      ++id;
    }
    return types;
  }();
  return list;
}

Json pricing() {
  const auto of_types = [](const Json& types) {
    Json result = Json::array();
    for (const auto& type : types) {
      result.push_back({{"id", type["id"]}, {"name", type["name"]}, {"prices", type["prices"]}});
    }
    return result;
  };
  Json primary = Json::array();
  Json floating = Json::array();
  for (const auto& [type, monthly] : std::vector<std::pair<const char*, double>>{{"ipv4", 0.5}, {"ipv6", 0.0}}) {
    Json of_primary = Json::array();
    Json of_floating = Json::array();
    for (const auto& place : everywhere) {
      of_primary.push_back(
          {{"location", place}, {"price_hourly", price(monthly / 624)}, {"price_monthly", price(monthly)}});
      of_floating.push_back({{"location", place}, {"price_monthly", price(monthly * 6)}});
    }
    primary.push_back({{"type", type}, {"prices", of_primary}});
    floating.push_back({{"type", type}, {"prices", of_floating}});
  }
  return {{"currency", "EUR"},
          {"vat_rate", "19.000000"},
          {"primary_ips", primary},
          {"floating_ips", floating},
          {"floating_ip", {{"price_monthly", price(3.0)}}},
          {"image", {{"price_per_gb_month", price(0.0110)}}},
          {"volume", {{"price_per_gb_month", price(0.0440)}}},
          {"server_backup", {{"percentage", "20.0000000000"}}},
          {"server_types", of_types(server_types())},
          {"load_balancer_types", of_types(load_balancer_types())}};
}

Json catalog_entry(const Json& list, const Json& name_or_id) {
  for (const auto& entry : list) {
    const bool is_it = name_or_id.is_string() ? entry["name"] == name_or_id ||
                                                    std::to_string(entry["id"].get<std::int64_t>()) == name_or_id
                                              : entry["id"] == name_or_id;
    if (is_it) return entry;
  }
  return nullptr;
}

bool is_sold_in(const Json& server_type, const std::string& location) {
  return std::ranges::any_of(server_type["locations"], [&](const Json& place) {
    return place["name"] == location && place["available"] == true;
  });
}

}  // namespace skep::testing::hetzner
