#include "providers/digitalocean/check_digitalocean.h"

#include <fmt/format.h>

#include <array>

#include "planner/model/resource.h"
#include "providers/cloud/checks.h"
#include "providers/cloud/kind.h"
#include "providers/cloud/ranges.h"
#include "providers/digitalocean/digitalocean.h"
#include "providers/digitalocean/firewall_rules.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

constexpr int prefix_least = 16;
constexpr int prefix_most = 28;
constexpr std::array<const char*, 4> own_ranges = {"10.244.0.0/16", "10.245.0.0/16", "10.246.0.0/24", "10.229.0.0/16"};

cloud::CloudFacts facts() {
  return {.provider = digitalocean_provider_name,
          .type = "size",
          .usual_type = "s-2vcpu-4gb",
          .volume_gb_least = 1,
          .volume_gb_most = 16'384,
          .name_most = 64};
}

void check_network(const Spec& spec, cloud::Checker& checker) {
  const std::string& text = spec.network.range;
  if (text.empty()) return;
  const auto range = cloud::parse_range(text);
  if (range && cloud::is_private(*range) && range->prefix >= prefix_least && range->prefix <= prefix_most) {
    for (const char* own : own_ranges) {
      if (!cloud::overlap(*range, *cloud::parse_range(own))) continue;
      checker.refuse("network.range", fmt::format("{} overlaps {}, which digitalocean keeps to itself", text, own),
                     "write another one, such as 10.10.0.0/20");
    }
    return;
  }
  checker.refuse(
      "network.range",
      fmt::format("digitalocean needs a private IPv4 range from /{} to /{}, not '{}'", prefix_least, prefix_most, text),
      "leave it out to have one chosen by the cluster's name, or write one like 10.10.0.0/20");
}

void check_firewall(const Spec& spec, cloud::Checker& checker) {
  const std::size_t count = wanted_rules(spec, "10.0.0.0/16").size() + outbound_rules().size();
  if (count <= rules_most) return;
  checker.refuse("firewall", fmt::format("a firewall at digitalocean takes {} rules, these make {}", rules_most, count),
                 "join ports to ranges such as 8000-8010");
}

/// A VPC is in one region.
void check_locations(const std::vector<const PoolSpec*>& pools, cloud::Checker& checker) {
  for (const PoolSpec* pool : pools) {
    const std::string path = "pools." + pool->name + ".location";
    if (pool->location.empty()) {
      checker.refuse(path, "a pool at digitalocean needs a location", "name a region, such as location: fra1");
    } else if (!pool->other_locations.empty()) {
      checker.refuse(path, "the private network at digitalocean is in one region, and so are all its droplets",
                     "name one region");
    } else if (pool->location != pools.front()->location && !pools.front()->location.empty()) {
      checker.refuse(path,
                     fmt::format("pool {} is in {}: the private network at digitalocean is in one region",
                                 pools.front()->name, pools.front()->location),
                     "name the same region for all pools, or give this one a cluster of its own");
    }
    if (pool->spread) {
      checker.warn("pools." + pool->name + ".spread",
                   "digitalocean says nothing of which droplets share a computer: nothing is spread",
                   "take the key out");
    }
  }
}

/// A load balancer is known by its name alone, its generation included.
void check_balancer_names(const Spec& spec, cloud::Checker& checker) {
  for (const auto& [name, balancer] : spec.load_balancers) {
    const ResourceId id{"load_balancer", name};
    if (owner_by_name(cloud::remote_name(spec.name, id), id.kind, spec.name) == id) continue;
    checker.refuse("load_balancers." + name, "at digitalocean its name may not end in -g and a number",
                   "skep writes so what has replaced another: choose another name");
  }
}

}  // namespace

std::vector<Problem> check_digitalocean(const Spec& spec) {
  const auto pools = pools_of(spec, digitalocean_provider_name);
  if (pools.empty()) return {};
  cloud::Checker checker(spec, facts());
  check_network(spec, checker);
  check_firewall(spec, checker);
  check_locations(pools, checker);
  check_balancer_names(spec, checker);
  checker.check_what_all_share();
  return std::move(checker).problems();
}

}  // namespace skep::digitalocean
