// Bringing a droplet that exists to what is wanted, in place: volumes, size, power.
#pragma once

#include "providers/digitalocean/kinds.h"

namespace skep::digitalocean {

/// The droplet of the API as the planner sees it.
Attributes server_attributes(const Json& json);

/// Whether nothing that can be changed in place differs.
bool is_in_line(const Resource& resource, const Object& object);

/// Waits until nothing is under way on it, then does what differs, one thing after the other; each is looked at first,
/// so repeating it is safe. Blocks until all of it has ended; the droplet as it is then.
/// Errors: as the API's; not_found (somebody destroyed it); unavailable (it does not turn off in time).
Result<Object> bring_in_line(Cloud& cloud, const Resource& resource, const RemoteId& id, const Context& context);

/// Whether its creation ended in an error: such a droplet never comes up. Blocks for one request.
Result<bool> is_stillborn(Cloud& cloud, const RemoteId& id, const Context& context);

/// Waits until it is there and has its addresses. Errors: as above; unavailable (it is stillborn).
Result<Object> when_made(Cloud& cloud, const Resource& resource, Object object, const Context& context);

}  // namespace skep::digitalocean
