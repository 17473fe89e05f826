// What the drivers of a cloud share: the account, what is known of it, and the waiting for actions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/engine/driver.h"
#include "providers/cloud/account.h"
#include "providers/cloud/action_poll.h"
#include "providers/cloud/inventory.h"

namespace skep::cloud {

struct Cloud {
  Cloud(Http& http, const Clock& clock, Random& random, const Dialect& dialect, std::string endpoint, Secret token)
      : account(http, clock, random, dialect, std::move(endpoint), std::move(token)),
        inventory(account),
        actions(account) {}

  Account account;
  Inventory inventory;
  ActionPoll actions;
};

/// The object of the API as the planner sees it, without remote_id.
using ToAttributes = Attributes (*)(const Json&);

/// The input `cluster`.
std::string cluster_of(const Resource& resource);

/// The member of attributes that holds actions under way between create() and wait_ready(); never recorded.
inline constexpr const char* pending_actions = "pending_actions";

Object to_object(const Kind& kind, const Json& json, ToAttributes to_attributes);

/// Driver::list().
Result<std::vector<Owned>> list_owned(Cloud& cloud, const Kind& kind, std::string_view cluster, ToAttributes convert,
                                      const Context& context);
/// Driver::find().
Result<std::optional<Object>> find_owned(Cloud& cloud, const Kind& kind, const Resource& resource,
                                         std::string_view remote_id, ToAttributes convert, const Context& context);

/// Driver::create(): one POST of `body`, name and owner labels added. When the name is taken by the resource itself (an
/// earlier try that nobody remembers), that object is taken; when it is somebody else's: refused.
Result<Object> create_owned(Cloud& cloud, const Kind& kind, const Resource& resource, Json body, ToAttributes convert,
                            const Context& context);

/// Waits for the actions that create_owned() or update drivers noted, and reads the object anew if there were any.
/// Errors: also not_found (it is gone meanwhile).
Result<Object> settle(Cloud& cloud, const Kind& kind, const Resource& resource, Object object, ToAttributes convert,
                      const Context& context);

/// Driver::destroy(): waits for the action that the answer names; tries again while other objects still seem to use it.
Result<void> destroy_owned(Cloud& cloud, const Kind& kind, const Resource& resource, const RemoteId& id,
                           const Context& context);

/// POST KIND/ID/actions/NAME, and wait until what it begins has ended.
Result<void> act(Cloud& cloud, const Kind& kind, const RemoteId& id, const std::string& action, const Json& body,
                 const Context& context);

bool holds(const Json& list, const Json& one);

}  // namespace skep::cloud
