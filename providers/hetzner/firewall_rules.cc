#include "providers/hetzner/firewall_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "planner/base/text.h"

namespace skep::hetzner {

namespace {

const std::vector<std::string> everybody = {"0.0.0.0/0", "::/0"};

using Groups = std::array<unsigned, 8>;

/// The groups that a part of an address between "::" writes; nothing when it is malformed.
std::optional<std::vector<unsigned>> groups_in(std::string_view text) {
  std::vector<unsigned> groups;
  for (const auto& word : split(text, ':')) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
    if (error != std::errc() || end != word.data() + word.size() || word.size() > 4) return std::nullopt;
    groups.push_back(value);
  }
  return groups;
}

std::optional<Groups> parse_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const auto before = groups_in(text.substr(0, std::min(gap, text.size())));
  const auto after = gap == text.npos ? std::vector<unsigned>{} : groups_in(text.substr(gap + 2));
  if (!before || !after) return std::nullopt;
  const std::size_t written = before->size() + after->size();
  if (gap == text.npos ? written != 8 : written > 7) return std::nullopt;
  Groups groups{};
  std::ranges::copy(*before, groups.begin());
  std::ranges::copy(*after, groups.end() - static_cast<std::ptrdiff_t>(after->size()));
  return groups;
}

/// RFC 5952: the longest run of two and more zeros becomes "::".
std::string ipv6_text(const Groups& groups) {
  std::size_t best = 0;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::size_t length = 0;
    while (i + length < groups.size() && groups[i + length] == 0) ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (best_length > 1 && i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

std::vector<std::string> canonical_ranges(const Json& list) {
  std::vector<std::string> ranges;
  for (const auto& one : list) {
    if (one.is_string()) ranges.push_back(canonical_range(one));
  }
  std::ranges::sort(ranges);
  return ranges;
}

Json inbound(const std::string& protocol, const std::string& port, const std::vector<std::string>& from) {
  Json rule = {{"direction", "in"}, {"protocol", protocol}, {"source_ips", from.empty() ? everybody : from}};
  if (!port.empty()) rule["port"] = port;
  return rule;
}

}  // namespace

std::string canonical_range(const std::string& range) {
  const std::size_t slash = range.find('/');
  if (slash == std::string::npos) return range;
  const auto groups = parse_ipv6(std::string_view(range).substr(0, slash));
  return groups ? ipv6_text(*groups) + range.substr(slash) : range;
}

Json canonical_rules(const Json& rules) {
  std::vector<Json> result;
  for (const auto& rule : rules) {
    Json one = {{"direction", json_string_or(rule, "direction")}, {"protocol", json_string_or(rule, "protocol")}};
    if (const std::string port = json_string_or(rule, "port"); !port.empty()) one["port"] = port;
    for (const char* key : {"source_ips", "destination_ips"}) {
      const auto ranges = canonical_ranges(rule.value(key, Json::array()));
      if (!ranges.empty()) one[key] = ranges;
    }
    result.push_back(std::move(one));
  }
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Json wanted_rules(const FirewallSpec& firewall) {
  Json rules = Json::array({inbound("tcp", "22", firewall.ssh), inbound("icmp", "", {})});
  for (const auto& one : firewall.inbound) rules.push_back(inbound(one.protocol, one.port, one.from));
  return canonical_rules(rules);
}

}  // namespace skep::hetzner
