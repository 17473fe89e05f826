// Bringing a server that exists to what is wanted, in place: power, type, network, firewall, volumes, backups,
// protection.
#pragma once

#include "providers/hetzner/kinds.h"

namespace skep::hetzner {

/// The server of the API as the planner sees it.
Attributes server_attributes(const Json& json);

/// Whether nothing that can be changed in place differs.
bool is_in_line(const Resource& resource, const Object& object);

/// Does what differs, one thing after the other; each is looked at first, so repeating it is safe.
/// Blocks until all of it has ended. Errors: as the API's; unavailable (it does not turn off in time).
Result<void> bring_in_line(Cloud& cloud, const Resource& resource, const RemoteId& id, const Context& context);

/// The server now. Errors: not_found (somebody destroyed it).
Result<Object> read_server(Cloud& cloud, const Resource& resource, const RemoteId& id, const Context& context);

}  // namespace skep::hetzner
