// A cluster's network on this computer: bridge, address translation, and the computer's settings that it needs.
#pragma once

#include <optional>
#include <string>

#include "planner/base/json.h"
#include "planner/base/result.h"
#include "providers/local/subnet.h"
#include "providers/local/tools.h"

namespace skep {

/// Written down when the network is made.
struct LocalNetwork {
  std::string cluster;
  Subnet range;
  std::string bridge;
  bool operator==(const LocalNetwork&) const = default;
};

/// Nothing: the cluster has none.
Result<std::optional<LocalNetwork>> read_network(const LocalTools& tools, const std::string& cluster);
/// Chooses a range (or takes `wanted_range`) and writes the network down; the one that is there already stays.
/// `avoid`: ranges that are used in another way. Errors: invalid_input (it overlaps something), exhausted.
Result<LocalNetwork> record_network(const LocalTools& tools, const std::string& cluster,
                                    const std::string& wanted_range, const std::vector<std::string>& avoid,
                                    const Context& context);

/// Makes what is missing of it. Repeating it is safe, also by two processes at once.
Result<void> bring_up_network(const LocalTools& tools, const LocalNetwork& network, const Context& context);
/// Whether all of it is there.
Result<bool> is_network_up(const LocalTools& tools, const LocalNetwork& network, const Context& context);
/// Takes it away; the last cluster's end also puts the computer's settings back.
Result<void> take_down_network(const LocalTools& tools, const LocalNetwork& network, const Context& context);

}  // namespace skep
