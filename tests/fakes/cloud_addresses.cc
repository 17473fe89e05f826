#include "tests/fakes/cloud_addresses.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <regex>

namespace skep::testing::cloud {

std::optional<std::uint32_t> parse_ipv4(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::string ipv4_text(std::uint32_t number) {
  return fmt::format("{}.{}.{}.{}", number >> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255);
}

std::optional<Cidr> parse_cidr(const std::string& text) {
  static const std::regex form("([0-9a-fA-F:.]+)/([0-9]{1,3})");
  std::smatch match;
  if (!std::regex_match(text, match, form)) return std::nullopt;
  Cidr cidr;
  cidr.length = std::stoi(match[2]);
  if (const auto v4 = parse_ipv4(match[1])) {
    if (cidr.length > 32) return std::nullopt;
    const std::uint32_t host_mask = cidr.length == 0 ? ~0U : (1ULL << (32 - cidr.length)) - 1;
    if ((*v4 & host_mask) != 0) return std::nullopt;
    cidr.address = *v4;
    cidr.text = fmt::format("{}/{}", ipv4_text(*v4), cidr.length);
    return cidr;
  }
  in6_addr address{};
  if (cidr.length > 128 || inet_pton(AF_INET6, match[1].str().c_str(), &address) != 1) return std::nullopt;
  for (int bit = cidr.length; bit < 128; ++bit) {
    if ((address.s6_addr[bit / 8] >> (7 - bit % 8) & 1) != 0) return std::nullopt;
  }
  std::array<char, INET6_ADDRSTRLEN> normal{};
  inet_ntop(AF_INET6, &address, normal.data(), normal.size());
  cidr.is_v6 = true;
  cidr.text = fmt::format("{}/{}", normal.data(), cidr.length);
  return cidr;
}

std::uint32_t Cidr::last() const { return length == 0 ? ~0U : address | ((1ULL << (32 - length)) - 1); }

bool Cidr::contains(const Cidr& other) const {
  return !is_v6 && !other.is_v6 && other.address >= address && other.last() <= last();
}

}  // namespace skep::testing::cloud
