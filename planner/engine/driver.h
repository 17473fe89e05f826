// What a kind must offer. A driver has no state of its own and is called from many threads at once.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "planner/base/result.h"
#include "planner/model/resource.h"
#include "planner/model/schema.h"
#include "planner/system/context.h"

namespace skep {

/// An existing object that carries our owner label.
struct Owned {
  ResourceId id;
  Object object;
};

/// In every call `resource.inputs` are resolved: no $ref, $one_of, $all or $secret is left inside.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual const Schema& schema() const = 0;

  /// All objects of this kind that carry the cluster's owner label, found with as few requests as there are pages.
  /// Only called when schema().listed. Errors: denied, unavailable, cancelled, invalid_input (bad credential).
  virtual Result<std::vector<Owned>> list(std::string_view cluster, const Context& context);

  /// The object as it is now, by the recorded `remote_id` or, when that is empty, by owner label. Nothing: it is not
  /// there. Errors: unavailable (it could not be looked at; nothing follows from that), denied, refused, cancelled.
  virtual Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                             const Context& context) = 0;

  /// Makes it, label included in the same request. Only called after find() said it is not there.
  /// Errors: all; unknown_outcome means that find() must be asked before trying again.
  virtual Result<Object> create(const Resource& resource, const Context& context) = 0;

  /// What update() needs and can get beforehand, without disturbing anything: a download, a check. Where the schema
  /// says prepares_update, it is called for every node before the first is taken out of service, and the object is as
  /// the plan knew it. Repeating it is safe. Default: nothing.
  virtual Result<void> prepare_update(const Resource& resource, const Object& object, const Context& context);

  /// Brings the existing object to the wanted inputs, in place. Repeating it is safe.
  virtual Result<Object> update(const Resource& resource, const Object& object, const Context& context) = 0;

  /// Destroys it. Absent is success; repeating it is safe.
  virtual Result<void> destroy(const Resource& resource, const Object& object, const Context& context) = 0;

  /// Blocks until what create() made can be used (a server runs, an action ended). Default: at once.
  virtual Result<Object> wait_ready(const Resource& resource, Object object, const Context& context);
};

}  // namespace skep
