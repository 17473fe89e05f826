#include "planner/store/shared_state.h"

namespace skep {

Json lock_info_json(const LockInfo& info) {
  return {{"ID", info.id},           {"Operation", info.operation}, {"Info", info.info}, {"Who", info.who},
          {"Version", info.version}, {"Created", info.created},     {"Path", info.path}};
}

LockInfo lock_info_of(const Json& json) {
  return {.id = json_string_or(json, "ID"),
          .operation = json_string_or(json, "Operation"),
          .info = json_string_or(json, "Info"),
          .who = json_string_or(json, "Who"),
          .version = json_string_or(json, "Version"),
          .created = json_string_or(json, "Created"),
          .path = json_string_or(json, "Path")};
}

}  // namespace skep
