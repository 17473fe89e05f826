#include "tests/fakes/digitalocean_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tests/fakes/digitalocean_parts.h"

namespace skep::testing::digitalocean {

namespace {

struct Place {
  const char* slug;
  const char* name;
  bool is_open = true;
};

const std::vector<Place>& places() {
  static const std::vector<Place> list = {
      {"nyc1", "New York 1"},      {"sgp1", "Singapore 1"}, {"lon1", "London 1"},        {"nyc2", "New York 2", false},
      {"nyc3", "New York 3"},      {"ams3", "Amsterdam 3"}, {"fra1", "Frankfurt 1"},     {"tor1", "Toronto 1"},
      {"sfo2", "San Francisco 2"}, {"blr1", "Bangalore 1"}, {"sfo3", "San Francisco 3"}, {"syd1", "Sydney 1"},
      {"atl1", "Atlanta 1"}};
  return list;
}

struct Model {
  const char* slug;
  int memory_mib;
  int vcpus;
  int disk_gib;
  double transfer_tib;
  double monthly;
  const char* description;
  bool is_everywhere = true;  // else not in the small regions
};

const std::vector<Model>& models() {
  static const std::vector<Model> list = {
      {"s-1vcpu-512mb-10gb", 512, 1, 10, 0.5, 4, "Basic", false},
      {"s-1vcpu-1gb", 1024, 1, 25, 1, 6, "Basic"},
      {"s-1vcpu-1gb-amd", 1024, 1, 25, 1, 7, "Basic AMD"},
      {"s-1vcpu-1gb-intel", 1024, 1, 25, 1, 7, "Basic Intel"},
      {"s-1vcpu-2gb", 2048, 1, 50, 2, 12, "Basic"},
      {"s-2vcpu-2gb", 2048, 2, 60, 3, 18, "Basic"},
      {"s-2vcpu-2gb-amd", 2048, 2, 60, 3, 21, "Basic AMD"},
      {"s-2vcpu-4gb", 4096, 2, 80, 4, 24, "Basic"},
      {"s-2vcpu-4gb-amd", 4096, 2, 80, 4, 28, "Basic AMD"},
      {"s-2vcpu-4gb-intel", 4096, 2, 80, 4, 28, "Basic Intel"},
      {"s-4vcpu-8gb", 8192, 4, 160, 5, 48, "Basic"},
      {"s-8vcpu-16gb", 16384, 8, 320, 6, 96, "Basic"},
      {"c-2", 4096, 2, 25, 4, 42, "CPU-Optimized", false},
      {"g-2vcpu-8gb", 8192, 2, 25, 4, 63, "General Purpose", false},
      {"m-2vcpu-16gb", 16384, 2, 50, 4, 84, "Memory-Optimized", false},
  };
  return list;
}

bool is_sold(const World& world, const Model& model, const Place& place) {
  static const std::vector<std::string> small = {"nyc2", "sfo2", "blr1"};
  if (!place.is_open || world.options.sold_out.contains({model.slug, place.slug})) return false;
  return model.is_everywhere || std::ranges::find(small, place.slug) == small.end();
}

Json shown_region(const World& world, const Place& place) {
  Json sizes = Json::array();
  for (const auto& model : models()) {
    if (is_sold(world, model, place)) sizes.push_back(model.slug);
  }
  return {{"name", place.name},
          {"slug", place.slug},
          {"features", {"backups", "ipv6", "metadata", "install_agent", "storage", "image_transfer"}},
          {"available", place.is_open},
          {"sizes", sizes}};
}

Json shown_size(const World& world, const Model& model) {
  Json regions = Json::array();
  for (const auto& place : places()) {
    if (is_sold(world, model, place)) regions.push_back(place.slug);
  }
  const bool is_available = !regions.empty();
  return {{"slug", model.slug},
          {"memory", model.memory_mib},
          {"vcpus", model.vcpus},
          {"disk", model.disk_gib},
          {"transfer", model.transfer_tib},
          {"price_monthly", model.monthly},
          {"price_hourly", std::round(model.monthly / 672 * 100000) / 100000},
          {"regions", std::move(regions)},
          {"available", is_available},
          {"description", model.description}};
}

Json image(Id id, const char* slug, const char* distribution, const char* name) {
  Json regions = Json::array();
  for (const auto& place : places()) {
    // it is there as well, but the document does not know the region
    if (place.slug != std::string("atl1")) regions.push_back(place.slug);
  }
  return {{"id", id},
          {"name", name},
          {"type", "base"},
          {"distribution", distribution},
          {"slug", slug},
          {"public", true},
          {"regions", regions},
          {"created_at", "2025-06-01T00:00:00Z"},
          {"min_disk_size", 7},
          {"size_gigabytes", 1.5},
          {"description", fmt::format("{} {}", distribution, name)},
          {"tags", Json::array()},
          {"status", "available"}};
}

}  // namespace

std::vector<Json> regions(const World& world) {
  std::vector<Json> list;
  for (const auto& place : places()) list.push_back(shown_region(world, place));
  return list;
}

Json region(const World& world, const std::string& slug) {
  const auto found = std::ranges::find_if(places(), [&](const Place& place) { return place.slug == slug; });
  return found == places().end() ? Json() : shown_region(world, *found);
}

Json region_wanted(const World& world, const std::string& slug) {
  Json found = region(world, slug);
  if (found.is_null()) fail_input("You specified an invalid region for Droplet creation.");
  if (found["available"] == false) fail_input(fmt::format("Region {} is not available", slug));
  return found;
}

std::vector<Json> sizes(const World& world) {
  std::vector<Json> list;
  for (const auto& model : models()) list.push_back(shown_size(world, model));
  return list;
}

Json size(const World& world, const std::string& slug) {
  const auto found = std::ranges::find_if(models(), [&](const Model& model) { return model.slug == slug; });
  return found == models().end() ? Json() : shown_size(world, *found);
}

const std::vector<Json>& public_images() {
  static const std::vector<Json> list = {
      image(63663980, "ubuntu-22-04-x64", "Ubuntu", "22.04 (LTS) x64"),
      image(155133621, "ubuntu-24-04-x64", "Ubuntu", "24.04 (LTS) x64"),
      image(129211873, "debian-12-x64", "Debian", "12 x64"),
      image(203140011, "debian-13-x64", "Debian", "13 x64"),
      image(178232512, "rockylinux-9-x64", "Rocky Linux", "9 x64"),
  };
  return list;
}

void add_catalog_routes(Routes& routes) {
  routes.push_back({"GET", "/regions", [](World& world, const Call& call) {
                      return list_answer(world, call, "regions", regions(world));
                    }});
  routes.push_back({"GET", "/sizes",
                    [](World& world, const Call& call) { return list_answer(world, call, "sizes", sizes(world)); }});
  routes.push_back({"GET", "/actions", [](World& world, const Call& call) {
                      return list_answer(world, call, "actions", world.actions_of(""));
                    }});
  routes.push_back({"GET", "/actions/{}", [](World& world, const Call& call) {
                      return Answer{200, {{"action", world.action(call.path[0])}}};
                    }});
}

}  // namespace skep::testing::digitalocean
