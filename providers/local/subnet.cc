#include "providers/local/subnet.h"

#include <arpa/inet.h>

#include <algorithm>

#include "planner/base/digest.h"
#include "planner/base/json.h"

namespace skep {

namespace {

constexpr int prefix_chosen = 23;
constexpr std::uint32_t pool_first = (10U << 24) | (128U << 16);  // 10.128.0.0/9
constexpr std::uint32_t pool_size = 1U << 23;

std::uint32_t mask_of(int prefix) { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }

std::uint32_t last_of(const Subnet& subnet) { return subnet.first | ~mask_of(subnet.prefix); }

std::optional<std::uint32_t> first_free(std::uint32_t from, std::uint32_t to, const std::set<std::uint32_t>& used) {
  for (std::uint32_t address = from; address <= to; ++address) {
    if (!used.contains(address)) return address;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> parse_address(std::string_view text) {
  in_addr parsed{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &parsed) != 1) return std::nullopt;
  return ntohl(parsed.s_addr);
}

std::optional<Subnet> parse_subnet(std::string_view text) {
  if (text == "default") return Subnet{};
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return Subnet{*address, 32};
  const auto digits = text.substr(slash + 1);
  const bool is_number =
      !digits.empty() && digits.size() <= 2 && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return std::nullopt;
  const int prefix = std::stoi(std::string(digits));
  if (prefix > 32) return std::nullopt;
  return Subnet{*address & mask_of(prefix), prefix};
}

std::string address_text(std::uint32_t address) {
  in_addr raw{htonl(address)};
  char text[INET_ADDRSTRLEN] = {};
  inet_ntop(AF_INET, &raw, text, sizeof text);
  return text;
}

std::string to_text(const Subnet& subnet) { return address_text(subnet.first) + "/" + std::to_string(subnet.prefix); }

bool overlap(const Subnet& left, const Subnet& right) {
  const auto mask = mask_of(std::min(left.prefix, right.prefix));
  return (left.first & mask) == (right.first & mask);
}

Subnet machine_half(const Subnet& range) { return {range.first, range.prefix + 1}; }

Subnet floating_half(const Subnet& range) {
  return {range.first | (std::uint32_t{1} << (31 - range.prefix)), range.prefix + 1};
}

std::uint32_t gateway_of(const Subnet& range) { return range.first + 1; }

std::size_t machine_capacity(const Subnet& range) {
  return last_of(machine_half(range)) - range.first - 2;  // without network, gateway and broadcast
}

std::optional<std::uint32_t> free_machine_address(const Subnet& range, const std::set<std::uint32_t>& used) {
  const std::uint32_t last = last_of(machine_half(range)) - 1;
  if (const auto address = first_free(range.first + 10, last, used)) return address;
  return first_free(range.first + 2, std::min(range.first + 9, last), used);
}

std::optional<std::uint32_t> free_floating_address(const Subnet& range, const std::set<std::uint32_t>& used) {
  const Subnet half = floating_half(range);
  return first_free(half.first + 1, last_of(half) - 1, used);
}

std::optional<Subnet> choose_range(std::string_view cluster, std::span<const Subnet> used) {
  const std::uint32_t step = 1U << (32 - prefix_chosen);
  const std::uint32_t places = pool_size / step;
  const auto start = static_cast<std::uint32_t>(std::stoul(sha256_hex(cluster).substr(0, 7), nullptr, 16));
  for (std::uint32_t i = 0; i < places; ++i) {
    const Subnet candidate{pool_first + ((start + i) % places) * step, prefix_chosen};
    if (std::ranges::none_of(used, [&](const Subnet& other) { return overlap(candidate, other); })) return candidate;
  }
  return std::nullopt;
}

std::vector<Subnet> routed_ranges(std::string_view ip_route_json) {
  std::vector<Subnet> ranges;
  const auto routes = parse_json(ip_route_json, "the routes of this computer");
  if (!routes.ok() || !routes.value().is_array()) return ranges;
  for (const auto& route : routes.value()) {
    const auto range = parse_subnet(json_string_or(route, "dst"));
    if (range && range->prefix > 0) ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace skep
