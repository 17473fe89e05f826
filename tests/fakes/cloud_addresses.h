// Addresses and networks as the simulated clouds read and write them. Private to the simulations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace skep::testing::cloud {

struct Cidr {
  bool is_v6 = false;
  std::uint32_t address = 0;  // of IPv4
  int length = 0;
  std::string text;  // normal form
  bool contains(const Cidr& other) const;
  bool overlaps(const Cidr& other) const { return contains(other) || other.contains(*this); }
  std::uint32_t last() const;
};
/// With a length and without host bits, else nothing.
std::optional<Cidr> parse_cidr(const std::string& text);
std::optional<std::uint32_t> parse_ipv4(const std::string& text);
bool is_ipv6(const std::string& text);
std::string ipv4_text(std::uint32_t number);

}  // namespace skep::testing::cloud
