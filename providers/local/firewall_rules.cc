#include "providers/local/firewall_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/base/text.h"

namespace skep {

std::string nft_table_name(std::string_view bridge) { return replace_all(std::string(bridge), "-", "_"); }

std::string nft_table(std::string_view bridge, const Subnet& range) {
  // The first two lines make replacing it one transaction, whether it is there or not.
  return fmt::format(R"(table ip {0} {{
}}
delete table ip {0}
table ip {0} {{
  chain outwards {{
    type nat hook postrouting priority 100; policy accept;
    ip saddr {2} ip daddr != {2} masquerade
  }}
  chain apart {{
    type filter hook forward priority -5; policy accept;
    iifname "{1}" oifname "skep-*" oifname != "{1}" drop
  }}
}}
)",
                     nft_table_name(bridge), bridge, to_text(range));
}

bool forward_is_filtered(std::string_view iptables_listing) {
  for (const auto& line : split_lines(iptables_listing)) {
    if (line.starts_with("-P FORWARD ") && line != "-P FORWARD ACCEPT") return true;
    if (line.starts_with("-A FORWARD ") && line.find("skep-") == std::string::npos) return true;
  }
  return false;
}

std::vector<std::vector<std::string>> accept_rules(const std::string& bridge) {
  return {{"FORWARD", "-i", bridge, "-j", "ACCEPT"}, {"FORWARD", "-o", bridge, "-j", "ACCEPT"}};
}

bool has_accept_rules(std::string_view iptables_listing, const std::string& bridge) {
  const auto lines = split_lines(iptables_listing);
  return std::ranges::all_of(accept_rules(bridge), [&](const std::vector<std::string>& rule) {
    return std::ranges::find(lines, "-A " + join(rule, " ")) != lines.end();
  });
}

}  // namespace skep
