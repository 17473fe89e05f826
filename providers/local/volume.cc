#include "providers/local/volume.h"

#include <fmt/format.h>

#include <filesystem>

#include "planner/base/text.h"
#include "providers/local/attachment.h"
#include "providers/local/kinds.h"
#include "providers/local/loop_device.h"
#include "providers/local/machine_life.h"
#include "providers/local/machine_record.h"
#include "providers/local/names.h"
#include "providers/local/nspawn_command.h"
#include "providers/local/trash.h"

namespace skep {

namespace fs = std::filesystem;

const Schema& VolumeDriver::schema() const {
  static const Schema schema = {
      .driver = "local.volume",
      .doc = "A disk for a machine: a sparse file on this computer. It outlives the machine.",
      .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                 {.name = "size_bytes", .on_change = OnChange::grows, .required = true, .doc = "Its size."}},
      .outputs = {{.name = "device", .doc = "Path of the disk in the machine, the same after each boot."}},
      .listed = true,
      .holds_data = true,
      .timeout_create = std::chrono::minutes(1),
      .timeout_update = std::chrono::minutes(1),
      .timeout_destroy = std::chrono::minutes(2),
  };
  return schema;
}

Result<std::optional<Object>> VolumeDriver::look(const std::string& cluster, const std::string& folder) {
  const std::string file = volume_file(tools_, cluster, folder);
  if (!tools_.files.exists(fs::path(file).parent_path())) return std::optional<Object>();
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  return std::optional(Object{.remote_id = remote_id_of(cluster, folder),
                              .attributes = {{"size_bytes", error ? 0 : size}, {"device", device_inside(folder)}}});
}

Result<std::vector<Owned>> VolumeDriver::list(std::string_view cluster, const Context&) {
  std::vector<Owned> owned;
  const std::string name(cluster);
  for (const auto& folder : TRY(names_in(tools_.files, tools_.paths.kind(name, volume_kind)))) {
    const auto id = id_of_folder(volume_kind, folder);
    if (!id) continue;
    if (auto object = TRY(look(name, folder))) owned.push_back({*id, std::move(*object)});
  }
  return owned;
}

Result<std::optional<Object>> VolumeDriver::find(const Resource& resource, std::string_view, const Context&) {
  return look(cluster_of(resource), folder_name(resource.id));
}

Result<Object> VolumeDriver::create(const Resource& resource, const Context& context) {
  const std::string folder = folder_name(resource.id);
  const std::string file = volume_file(tools_, cluster_of(resource), folder);
  TRY(tools_.files.make_directories(fs::path(file).parent_path(), 0700));
  if (!tools_.files.exists(file)) TRY(tools_.files.write(file, "", 0600));
  const auto wanted = static_cast<std::uintmax_t>(json_int_or(resource.inputs, "size_bytes", 0));
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (!error && size > wanted) {
    return Error{ErrorCode::invalid_input,
                 fmt::format("it has {} and cannot shrink to {}", human_size(size), human_size(wanted)),
                 "set the size in the spec to what it has, or more"};
  }
  if (!error && size < wanted) fs::resize_file(file, wanted, error);
  if (error) return Error{ErrorCode::exhausted, "make " + file + ": " + error.message(), "choose a smaller size"};
  const std::string device = TRY(find_loop_device(tools_.processes, file, context));
  if (size > 0 && size < wanted && !device.empty()) TRY(refresh_loop_device(tools_.processes, device, context));
  return must_exist(TRY(look(cluster_of(resource), folder)), resource);
}

Result<Object> VolumeDriver::update(const Resource& resource, const Object&, const Context& context) {
  return create(resource, context);
}

Result<void> VolumeDriver::destroy(const Resource& resource, const Object& object, const Context& context) {
  const std::string cluster = cluster_of(object);
  const std::string folder = folder_name(resource.id);
  const std::string file = volume_file(tools_, cluster, folder);
  for (const auto& [name, machine] : TRY(machines_of(tools_.files, tools_.paths, cluster))) {
    if (!is_running(tools_, machine)) continue;
    const MachineRun run = TRY(read_run(tools_.files, folder_of(tools_, machine)));
    TRY(detach_from_running(tools_, machine, run, remote_id_of(cluster, folder), context));
  }
  if (tools_.files.exists(file)) TRY(detach_loop_device(tools_.processes, file, context));
  return throw_away(tools_, cluster, fs::path(file).parent_path());
}

}  // namespace skep
