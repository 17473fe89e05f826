#include "planner/engine/driver.h"

namespace skep {

Result<std::vector<Owned>> Driver::list(std::string_view, const Context&) {
  return Error{.code = ErrorCode::internal,
               .message = schema().driver + " was asked for a list, which it does not offer",
               .hint = "this is a bug in skep: please report it"};
}

Result<void> Driver::prepare_update(const Resource&, const Object&, const Context&) { return {}; }

Result<Object> Driver::wait_ready(const Resource&, Object object, const Context&) { return object; }

}  // namespace skep
