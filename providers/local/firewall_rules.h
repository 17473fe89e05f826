// The rules of this computer's firewall that a cluster needs, as text. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "providers/local/subnet.h"

namespace skep {

/// The cluster's own table, for `nft -f`: replaces the one that is there. Machines reach the world by the computer's
/// address; clusters do not reach each other.
std::string nft_table(std::string_view bridge, const Subnet& range);
std::string nft_table_name(std::string_view bridge);

/// Whether forwarding is filtered by iptables (as Docker on the computer makes it), from `iptables -S FORWARD`: then an
/// accept in our own table does not count, and accept_rules() are needed as well.
bool forward_is_filtered(std::string_view iptables_listing);
/// Arguments of iptables after -I or -D.
std::vector<std::vector<std::string>> accept_rules(const std::string& bridge);
/// Whether the listing holds all of them.
bool has_accept_rules(std::string_view iptables_listing, const std::string& bridge);

}  // namespace skep
