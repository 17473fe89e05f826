// What a machine's or a cluster's things are called on this computer. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "planner/model/resource.h"

namespace skep {

/// At most 15 characters, as the kernel wants interface names; begins with "skep-", by which the firewall knows them.
std::string bridge_name(std::string_view cluster);
/// Of the host's end of a machine's cable. `uid` is the machine's own random part, 8 hexadecimal digits.
std::string cable_name(std::string_view uid);
/// Of network namespace, machine, control group and unit: CLUSTER-NODE-UID, shortened to 63 characters of [a-z0-9-].
std::string machine_name(std::string_view cluster, std::string_view node, std::string_view uid);
/// Fixed by the address, so that a machine that takes over an address needs no new ARP entry elsewhere.
std::string mac_address(std::uint32_t address);
/// What the machine calls itself: the node's name, "-g2" appended for the second generation.
std::string host_name(const ResourceId& id);
/// Folder of a resource below its kind's: "worker-1", "worker-1@2".
std::string folder_name(const ResourceId& id);

}  // namespace skep
