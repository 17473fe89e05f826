#include "providers/hetzner/check_hetzner.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "planner/model/spanning.h"
#include "providers/cloud/account.h"
#include "providers/cloud/checks.h"
#include "providers/cloud/member_rules.h"
#include "providers/common/pool_checks.h"
#include "providers/hetzner/firewall_rules.h"
#include "providers/hetzner/hetzner.h"
#include "providers/hetzner/labels.h"
#include "providers/hetzner/places.h"

namespace skep::hetzner {

namespace {

constexpr int prefix_most = 24;
constexpr std::size_t effective_rules_most = 500;

cloud::CloudFacts facts() {
  return {.provider = hetzner_provider_name,
          .type = "server type",
          .usual_type = "cx23",
          .volume_gb_least = 10,
          .volume_gb_most = 10'240,
          .name_most = label_length_most};
}

void check_network(const Spec& spec, cloud::Checker& checker) {
  const std::string& text = spec.network.range;
  if (text.empty()) return;
  const auto range = cloud::parse_range(text);
  if (range && cloud::is_private(*range) && range->prefix <= prefix_most) return;
  checker.refuse("network.range",
                 fmt::format("hetzner needs a private IPv4 range of at least a /{}, not '{}'", prefix_most, text),
                 fmt::format("leave it out for {}, or write one like 10.0.0.0/16", usual_range));
}

/// Each address of each rule counts, over all firewalls of a server.
void check_members(const Spec& spec, const Json& rules, cloud::Checker& checker) {
  const auto members = cloud::member_addresses(spec).size();
  std::size_t count = members * cloud::member_ports(spec, hetzner_provider_name, true).size();
  for (const auto& rule : rules) count += rule["source_ips"].size();
  if (count <= effective_rules_most) return;
  checker.refuse("pools",
                 fmt::format("{} nodes at several providers open {} addresses and ports to each other, and a server at "
                             "hetzner bears {}",
                             members, count, effective_rules_most),
                 "keep clusters of this size at one provider");
}

void check_firewall(const Spec& spec, cloud::Checker& checker) {
  const Json rules = wanted_rules(spec.firewall);
  if (spans_providers(spec)) check_members(spec, rules, checker);
  const std::size_t count = rules.size();
  if (count <= rules_most) return;
  checker.refuse("firewall", fmt::format("a firewall at hetzner takes {} rules, these make {}", rules_most, count),
                 "join ports to ranges such as 8000-8010");
}

void check_location(const std::string& location, const std::string& path, cloud::Checker& checker) {
  if (!zone_of(location)) checker.refuse_unknown(path, "location", location, location_names());
}

void check_locations(const PoolSpec& pool, cloud::Checker& checker) {
  const std::string path = "pools." + pool.name + ".location";
  if (pool.location.empty()) {
    return checker.refuse(path, "a pool at hetzner needs a location", "one of " + join(location_names(), ", "));
  }
  check_location(pool.location, path, checker);
  for (const auto& location : pool.other_locations) check_location(location, path, checker);
  if (!pool.other_locations.empty() && !pool.volumes.empty()) {
    checker.refuse(path, "volumes at hetzner stay in one location, and so do their servers", "name one location");
  }
}

void check_certificates(const Spec& spec, cloud::Checker& checker) {
  for (const auto& [name, balancer] : spec.load_balancers) {
    if (pool_at(spec, hetzner_provider_name, balancer.pool) == nullptr) continue;
    for (std::size_t i = 0; i < balancer.listen.size(); ++i) {
      const std::string& certificate = balancer.listen[i].certificate;
      if (certificate.empty() || cloud::id_number(certificate) > 0) continue;
      checker.refuse(fmt::format("load_balancers.{}.listen.{}.certificate", name, i),
                     fmt::format("hetzner calls certificates by numbers, not '{}'", certificate),
                     "hcloud certificate list shows them");
    }
  }
}

}  // namespace

std::vector<Problem> check_hetzner(const Spec& spec) {
  const auto pools = pools_of(spec, hetzner_provider_name);
  if (pools.empty()) return {};
  cloud::Checker checker(spec, facts());
  check_network(spec, checker);
  check_firewall(spec, checker);
  for (const PoolSpec* pool : pools) check_locations(*pool, checker);
  check_certificates(spec, checker);
  checker.check_what_all_share();
  return std::move(checker).problems();
}

}  // namespace skep::hetzner
