// Rules about address ranges: overlay networks, the machines' network and Docker's own must stay apart.
#include <algorithm>
#include <string>
#include <vector>

#include "planner/base/text.h"
#include "planner/model/spec_check.h"
#include "planner/model/spec_formats.h"

namespace skep::model {

namespace {

struct NamedRange {
  std::string path;
  Cidr range;
};

constexpr Cidr docker_default = {.base = 10U << 24, .prefix = 8};  // where Docker puts overlay networks by itself

bool is_private(const Cidr& range) {
  for (const char* block : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"}) {
    if (parse_cidr(block)->contains(range)) return true;
  }
  return false;
}

// Whether the range is usable in itself.
bool check_range(const NamedRange& named, Findings& findings) {
  const auto& [path, range] = named;
  if (range.base != range.first()) {
    const Cidr meant = {.base = range.first(), .prefix = range.prefix};
    findings.error_at(path, to_text(range) + " has bits set behind its prefix, did you mean '" + to_text(meant) + "'?");
    return false;
  }
  if (!is_private(range)) {
    findings.error_at(path, to_text(range) + " is no private range",
                      "take a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16");
    return false;
  }
  return true;
}

void check_network_size(const Spec& spec, const NamedRange& network, Findings& findings) {
  std::size_t nodes = 0;
  for (const auto& [name, pool] : spec.pools) nodes += pool.provider == "existing" ? 0 : pool.nodes.size();
  const std::uint64_t addresses = std::uint64_t{1} << (32 - network.range.prefix);
  const std::uint64_t room = addresses > 3 ? addresses - 3 : 0;  // without network, gateway and broadcast
  if (nodes > room)
    findings.error_at(network.path,
                      to_text(network.range) + " has room for " + count_of(room, "machine") + ", the pools have " +
                          count_of(nodes, "node"),
                      "take a larger range, that is a smaller number behind the '/'");
}

void check_pool_mask(const Spec& spec, const NamedRange& pool, Findings& findings) {
  if (pool.range.prefix <= spec.swarm.address_pool_mask) return;
  findings.error_at(
      pool.path,
      to_text(pool.range) + " is smaller than one overlay network of /" + std::to_string(spec.swarm.address_pool_mask),
      "take a larger range, or a larger swarm.address_pool_mask");
}

// daemon.json may hold ranges too: those of the networks on each machine.
void add_daemon_ranges(const Json& daemon, std::vector<NamedRange>& ranges) {
  const auto pools = daemon.find("default-address-pools");
  if (pools == daemon.end() || !pools->is_array()) return;
  for (std::size_t i = 0; i < pools->size(); ++i) {
    const auto range = parse_cidr(json_string_or((*pools)[i], "base"));
    if (range) ranges.push_back({"engine.daemon.default-address-pools." + std::to_string(i) + ".base", *range});
  }
}

void check_overlaps(std::vector<NamedRange> ranges, Findings& findings) {
  std::ranges::stable_sort(ranges, {}, [](const NamedRange& named) { return named.range.first(); });
  const NamedRange* reaching = nullptr;  // the one that ends last among those before
  for (const auto& named : ranges) {
    if (reaching && reaching->range.overlaps(named.range))
      findings.error_at(named.path,
                        to_text(named.range) + " overlaps " + reaching->path + " (" + to_text(reaching->range) + ")",
                        "traffic for one would go to the other: choose ranges apart from one another");
    if (!reaching || named.range.last() > reaching->range.last()) reaching = &named;
  }
}

void check_default_pool(const NamedRange& network, Findings& findings) {
  if (!network.range.overlaps(docker_default)) return;
  findings.error_at(network.path,
                    to_text(network.range) +
                        " overlaps 10.0.0.0/8, from which Docker takes overlay networks when "
                        "swarm.address_pool is not set",
                    "add swarm: {address_pool: 172.30.0.0/15}; it cannot be changed later");
}

// A machine whose own address lies in an overlay's range is out of reach for every container on that overlay.
void check_node_addresses(const Spec& spec, const std::vector<NamedRange>& pools, Findings& findings) {
  constexpr std::size_t pools_looked_at = 16;
  for (const auto& [pool_name, pool] : spec.pools) {
    for (const auto& node : pool.nodes) {
      if (findings.full()) return;
      const bool is_private_one = !node.private_address.empty();
      const std::string& text = is_private_one ? node.private_address : node.address;
      const auto address = parse_ipv4(text);
      if (!address) continue;
      const std::string path =
          "pools." + pool_name + ".nodes." + node.name + (is_private_one ? ".private_address" : ".address");
      const Cidr host = {.base = *address, .prefix = 32};
      for (std::size_t i = 0; i < std::min(pools.size(), pools_looked_at); ++i) {
        if (pools[i].range.contains(host))
          findings.error_at(path, text + " lies in " + pools[i].path + " (" + to_text(pools[i].range) + ")",
                            "choose another range for the overlay networks");
      }
      if (spec.swarm.address_pools.empty() && docker_default.contains(host))
        findings.warning_at(path,
                            text +
                                " lies in 10.0.0.0/8, from which Docker takes overlay networks when "
                                "swarm.address_pool is not set",
                            "add swarm: {address_pool: 172.30.0.0/15}; it cannot be changed later");
    }
  }
}

}  // namespace

void check_ranges(const Spec& spec, Findings& findings) {
  std::vector<NamedRange> ranges;
  if (const auto range = parse_cidr(spec.network.range)) {
    const NamedRange network = {"network.range", *range};
    if (check_range(network, findings)) {
      check_network_size(spec, network, findings);
      if (spec.swarm.address_pools.empty()) check_default_pool(network, findings);
      ranges.push_back(network);
    }
  }
  std::vector<NamedRange> pools;
  const bool is_list = spec.swarm.address_pools.size() > 1;
  for (std::size_t i = 0; i < spec.swarm.address_pools.size() && !findings.full(); ++i) {
    const auto range = parse_cidr(spec.swarm.address_pools[i]);
    const NamedRange pool = {"swarm.address_pool" + (is_list ? "." + std::to_string(i) : ""), range.value_or(Cidr{})};
    if (!range || !check_range(pool, findings)) continue;
    check_pool_mask(spec, pool, findings);
    pools.push_back(pool);
  }
  ranges.insert(ranges.end(), pools.begin(), pools.end());
  add_daemon_ranges(spec.engine.daemon, ranges);
  check_overlaps(std::move(ranges), findings);
  check_node_addresses(spec, pools, findings);
}

}  // namespace skep::model
