// What texts in a spec look like: names, addresses, ranges, durations. Each format has a regular expression for the
// JSON Schema and a function for the checker, and a test that the two agree. Private to planner/model.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skep::model {

enum class Format {
  any,           // every text that is not empty
  cluster_name,  // "lympo-production"
  host_name,     // one label of a host name: pools, nodes, floating IPs, volumes
  user_name,
  label_key,
  label_value,
  address,    // IPv4
  range,      // CIDR, IPv4
  any_range,  // CIDR, IPv4 or IPv6, without bits behind the prefix
  ports,      // "443" or "8000-8010"
  duration,
  size,
  share,  // "2" or "25%"
  version,
  url,
  webhook,       // https:// or http://, or empty
  mail_server,   // "smtp://mail.example:587"
  mail_address,  // "ops@example.com"
  fingerprint,
  path,    // absolute
  domain,  // "shop.example.com"
};

struct FormatRule {
  Format format;
  std::string_view pattern;   // ECMA-262, anchored; may accept a little more than the checker
  std::string_view expected;  // completes "expected ..."
};

std::span<const FormatRule> format_rules();
const FormatRule& rule_of(Format format);

/// Whether the text has the format, exactly.
bool matches(Format format, std::string_view text);

/// An IPv4 network. `base` has no host bits unless the spec wrote some.
struct Cidr {
  std::uint32_t base = 0;
  int prefix = 0;

  std::uint32_t mask() const { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }
  std::uint32_t first() const { return base & mask(); }
  std::uint32_t last() const { return base | ~mask(); }
  bool overlaps(const Cidr& other) const { return first() <= other.last() && other.first() <= last(); }
  bool contains(const Cidr& other) const { return first() <= other.first() && other.last() <= last(); }
};

std::optional<std::uint32_t> parse_ipv4(std::string_view text);  // "10.0.0.1"; no zeros in front of a number
std::optional<Cidr> parse_cidr(std::string_view text);           // "10.0.0.0/16"
bool is_ipv6_range(std::string_view text);                       // "2001:db8::/32"; no bits behind the prefix
std::string ipv4_text(std::uint32_t address);
std::string to_text(const Cidr& range);

}  // namespace skep::model
