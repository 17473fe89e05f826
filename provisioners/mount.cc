#include "provisioners/mount.h"

#include <algorithm>

#include <fmt/format.h>

namespace skep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Schema schema_of_mount() {
  return {.driver = "host.mount",
          .doc = "A volume mounted on a host, now and at each boot; a volume that holds something is never formatted.",
          .inputs = {{"host", OnChange::ignore, true, false, "The machine."},
                     {"cluster", OnChange::ignore, true, false, "The cluster's name."},
                     {"login", OnChange::ignore, false, false, "By which key the host is known."},
                     {"device", OnChange::ignore, true, false, "The volume, as the host names it."},
                     {"path", OnChange::disrupt, true, false, "Where it is mounted."},
                     {"filesystem", OnChange::next_time, true, false, "What a blank volume is formatted with."}},
          .outputs = {{"source", OnChange::ignore, false, false, "The device or file system id in the mount unit."}},
          .timeout_create = minutes(10),
          .timeout_update = minutes(10),
          .timeout_destroy = minutes(5),
          .timeout_read = seconds(20)};
}

const MountFact* mount_at(const Facts& facts, const std::string& path) {
  const auto mount = std::ranges::find(facts.mounts, path, &MountFact::path);
  return mount == facts.mounts.end() ? nullptr : &*mount;
}

Object object_of(const Resource& resource, const MountFact& mount) {
  return {mount.path,
          {{"path", mount.path},
           {"filesystem", mount.filesystem},
           {"device", json_string_or(resource.inputs, "device")},
           {"source", mount.device}}};
}

}  // namespace

Mount::Mount(const HostTools& tools) : HostDriver(tools, schema_of_mount()) {}

Result<std::optional<Object>> Mount::find(const Resource& resource, std::string_view remote_id,
                                          const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto facts = TRY(tools().look(member.endpoint, age_for(remote_id), context));
  const auto path = remote_id.empty() ? json_string_or(resource.inputs, "path") : std::string(remote_id);
  const auto* mount = mount_at(*facts, path);
  if (mount == nullptr || !mount->active) return std::optional<Object>();
  return std::optional(object_of(resource, *mount));
}

Result<Object> Mount::create(const Resource& resource, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto path = json_string_or(resource.inputs, "path");
  context.say(fmt::format("mounting {} on {}", json_string_or(resource.inputs, "device"), path));
  TRY(tools().change(member.endpoint,
                     {.name = "mount_ensure",
                      .arguments = {{"device", json_string_or(resource.inputs, "device")},
                                    {"path", path},
                                    {"filesystem", json_string_or(resource.inputs, "filesystem", "ext4")}}},
                     context));
  const auto facts = TRY(tools().look(member.endpoint, age_to_act, context));
  const auto* mount = mount_at(*facts, path);
  if (mount == nullptr || !mount->active) {
    return Error{ErrorCode::internal, fmt::format("{} is not mounted after it was mounted", path)};
  }
  return object_of(resource, *mount);
}

Result<Object> Mount::update(const Resource& resource, const Object& object, const Context& context) {
  if (object.remote_id != json_string_or(resource.inputs, "path")) TRY(destroy(resource, object, context));
  return create(resource, context);
}

Result<void> Mount::destroy(const Resource& resource, const Object& object, const Context& context) {
  const auto member = TRY(member_behind(resource));
  TRY(tools().change(member.endpoint, {.name = "mount_release", .arguments = {{"path", object.remote_id}}}, context));
  return {};
}

}  // namespace skep
