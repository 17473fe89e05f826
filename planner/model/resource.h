// A resource: our name for one thing, what we want of it, and what exists.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/base/json.h"

namespace skep {

/// "server/worker-1", and "server/worker-1@2" for its second generation. Kinds and names hold [a-z0-9_.-], no '/', no
/// '@'.
struct ResourceId {
  std::string kind;
  std::string name;
  int generation = 1;
  auto operator<=>(const ResourceId&) const = default;
};

std::string to_text(const ResourceId& id);                           // "server/worker-1", "server/worker-1@2"
std::optional<ResourceId> parse_resource_id(std::string_view text);  // the other way; none when malformed

/// A JSON object. Values may hold references, see refs.h.
using Attributes = Json;

/// One wanted thing.
struct Resource {
  ResourceId id;
  std::string driver;  // "local.server", "host.engine": PROVIDER.KIND, or host.KIND for steps on a host
  Attributes inputs = Attributes::object();
  std::vector<ResourceId> needs =
      {};                 // exist before this one is created, and until it is destroyed; refs add to it by themselves
  std::string pool = {};  // steps of one pool share a limit (Plan::pools); empty: no limit
  std::string node = {};  // the node it belongs to: all resources of a node share its generation; empty: none
  bool protect = false;   // a plan that would destroy it is refused
  /// It vanishes together with these: when ALL of them are destroyed by the same plan, its own destroy is only
  /// forgotten (StepAction::forget, after them). Docker on a machine that goes needs no uninstalling. Empty: never.
  std::vector<ResourceId> vanishes_with = {};
  bool operator==(const Resource&) const = default;
};

/// One existing thing: the provider's own name for it, and every field the provider reports.
struct Object {
  std::string remote_id;
  Attributes attributes = Attributes::object();
  bool operator==(const Object&) const = default;
};

/// Fields that every machine resource (kind "server") reports, whatever its provider:
///   address          public or otherwise reachable IPv4 address, for SSH
///   private_address  IPv4 address in the cluster's network, for swarm traffic (equal to address where there is none)
///   ssh_port         integer
///   ssh_user         string
///   host_key         "ssh-ed25519 AAAA...", the pinned key
///   power            "on" or "off"
///   first_host_key   the key of its first boot, where `host_key` is one that the host made itself since; else absent
inline constexpr const char* machine_kind = "server";
inline constexpr const char* member_kind = "swarm_node";

/// The resource in which a provider remembers a host key that a host made itself (see Machine::pin_driver), by node.
inline constexpr const char* pin_kind = "pin";

}  // namespace skep
