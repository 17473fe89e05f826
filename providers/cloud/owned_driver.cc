#include "providers/cloud/owned_driver.h"

#include <cassert>

namespace skep::cloud {

Result<std::vector<Owned>> OwnedDriver::list(std::string_view cluster, const Context& context) {
  return list_owned(parts_.cloud, parts_.kind, cluster, parts_.to_attributes, context);
}

Result<std::optional<Object>> OwnedDriver::find(const Resource& resource, std::string_view remote_id,
                                                const Context& context) {
  return find_owned(parts_.cloud, parts_.kind, resource, remote_id, parts_.to_attributes, context);
}

Result<Object> OwnedDriver::create(const Resource& resource, const Context& context) {
  assert(parts_.order != nullptr);
  return order(resource, parts_.order(resource.inputs), context);
}

Result<void> OwnedDriver::destroy(const Resource& resource, const Object& object, const Context& context) {
  return destroy_owned(parts_.cloud, parts_.kind, resource, object.remote_id, context);
}

Result<Object> OwnedDriver::wait_ready(const Resource& resource, Object object, const Context& context) {
  return settle(parts_.cloud, parts_.kind, resource, std::move(object), parts_.to_attributes, context);
}

Result<Object> OwnedDriver::read_now(const Resource& resource, const Object& object, const Context& context) {
  auto found = TRY(find(resource, object.remote_id, context));
  if (!found) return Error{ErrorCode::not_found, "it is gone: somebody destroyed it"};
  return std::move(*found);
}

Result<void> OwnedDriver::act_on(const Object& object, const std::string& action, const Json& body,
                                 const Context& context) {
  return act(parts_.cloud, parts_.kind, object.remote_id, action, body, context);
}

Result<Object> OwnedDriver::order(const Resource& resource, Json body, const Context& context) {
  return create_owned(parts_.cloud, parts_.kind, resource, std::move(body), parts_.to_attributes, context);
}

Field cluster_field() {
  return {.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."};
}

}  // namespace skep::cloud
