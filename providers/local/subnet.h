// IPv4 ranges as numbers: which subnet a cluster gets, and which address a machine gets. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skep {

/// An IPv4 range in canonical form: the bits below the prefix are zero.
struct Subnet {
  std::uint32_t first = 0;
  int prefix = 0;
  bool operator==(const Subnet&) const = default;
};

/// "10.0.0.0/16"; a lone address is a /32, "default" is 0.0.0.0/0. None when malformed.
std::optional<Subnet> parse_subnet(std::string_view text);
std::string to_text(const Subnet& subnet);
std::string address_text(std::uint32_t address);
std::optional<std::uint32_t> parse_address(std::string_view text);
bool overlap(const Subnet& left, const Subnet& right);

/// A cluster's range is halved: machines share the lower half as one link (its first address is the gateway), floating
/// addresses are taken from the upper half and are routed, so that moving one needs no ARP.
Subnet machine_half(const Subnet& range);
Subnet floating_half(const Subnet& range);
std::uint32_t gateway_of(const Subnet& range);
std::size_t machine_capacity(const Subnet& range);

/// The lowest free address for a machine (the tenth and up where there is room), or for a floating address.
std::optional<std::uint32_t> free_machine_address(const Subnet& range, const std::set<std::uint32_t>& used);
std::optional<std::uint32_t> free_floating_address(const Subnet& range, const std::set<std::uint32_t>& used);

/// A /23 out of 10.128.0.0/9 that overlaps none of `used`; the search starts at a place that depends on the name, so
/// that the same cluster tends to get the same range. Never one that Docker takes first by default (10.0/16,
/// 172.16/12).
std::optional<Subnet> choose_range(std::string_view cluster, std::span<const Subnet> used);

/// Every range that `ip -j route show table all` names, the default route left out. Malformed text gives none.
std::vector<Subnet> routed_ranges(std::string_view ip_route_json);

}  // namespace skep
