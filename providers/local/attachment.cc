#include "providers/local/attachment.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>

#include "planner/base/text.h"
#include "planner/system/os_error.h"
#include "providers/local/inside.h"
#include "providers/local/kernel_files.h"
#include "providers/local/kinds.h"
#include "providers/local/loop_device.h"
#include "providers/local/machine_life.h"
#include "providers/local/nspawn_command.h"

namespace skep {

namespace {

std::string folder_of_volume(const std::string& volume) { return volume.substr(volume.rfind('/') + 1); }

bool has(const LocalMachine& machine, const std::string& volume) {
  return std::ranges::find(machine.volumes, volume) != machine.volumes.end();
}

Error taken(const std::string& volume, const LocalMachine& holder) {
  return {ErrorCode::conflict, fmt::format("volume {} is attached to {}, which runs", volume, holder.name),
          "destroy or power off that machine first: a disk in two machines would be ruined"};
}

// "7:3" of a block device.
Result<std::string> device_numbers(const std::string& device) {
  struct stat status {};
  if (::stat(device.c_str(), &status) != 0) return os_error(errno, "look at " + device);
  return fmt::format("{}:{}", gnu_dev_major(status.st_rdev), gnu_dev_minor(status.st_rdev));
}

}  // namespace

std::string volume_file(const LocalTools& tools, std::string_view cluster, std::string_view folder) {
  return tools.paths.kind(cluster, volume_kind) + "/" + std::string(folder) + "/disk";
}

Result<std::optional<LocalMachine>> running_holder(const LocalTools& tools, const std::string& cluster,
                                                   const std::string& volume) {
  for (const auto& [name, machine] : TRY(machines_of(tools.files, tools.paths, cluster))) {
    if (has(machine, volume) && is_running(tools, machine)) return std::optional(machine);
  }
  return std::optional<LocalMachine>();
}

Result<void> check_volumes_are_free(const LocalTools& tools, const LocalMachine& machine) {
  for (const auto& volume : machine.volumes) {
    const auto holder = TRY(running_holder(tools, machine.cluster, volume));
    if (holder && holder->name != machine.name) return taken(volume, *holder);
  }
  return {};
}

Result<void> attach_to_running(const LocalTools& tools, const LocalMachine& machine, const MachineRun& run,
                               const std::string& volume, const Context& context) {
  TRY(check_volumes_are_free(tools, machine));
  const std::string folder = folder_of_volume(volume);
  const std::string file = volume_file(tools, machine.cluster, folder);
  const std::string device = TRY(ensure_loop_device(tools.processes, file, context));
  if (run.leader == 0) return {};  // it is only just booting, and takes its devices from what is written down
  const auto numbers = split(TRY(device_numbers(device)), ':');
  return run_inside(tools.processes,
                    {.leader = run.leader,
                     .script = R"(mkdir -p "${1%/*}"; rm -f "$1"; umask 0117; mknod "$1" b "$2" "$3")",
                     .arguments = {device_inside(folder), numbers[0], numbers[1]}},
                    context)
      .doing("attach volume " + volume);
}

Result<void> detach_from_running(const LocalTools& tools, const LocalMachine& machine, const MachineRun& run,
                                 const std::string& volume, const Context& context) {
  const std::string folder = folder_of_volume(volume);
  const std::string file = volume_file(tools, machine.cluster, folder);
  const std::string device = TRY(find_loop_device(tools.processes, file, context));
  if (device.empty() || run.leader == 0) return {};
  const std::string mounts = read_kernel_file(fmt::format("/proc/{}/mountinfo", run.leader));
  for (const auto& line : split_lines(mounts)) {
    const auto fields = split(line, ' ');
    if (fields.size() < 5 || fields[2] != TRY(device_numbers(device))) continue;
    return Error{ErrorCode::refused, fmt::format("volume {} is mounted in {} at {}", volume, machine.name, fields[4]),
                 "unmount it there first: skep ssh " + machine.name + " -- umount " + fields[4]};
  }
  // What was bound at boot is busy and goes with the machine; it leads nowhere once the loop device is gone.
  return run_inside(tools.processes,
                    {.leader = run.leader,
                     .script = R"(umount "$1" 2>/dev/null || :; rm -f "$1" 2>/dev/null || :)",
                     .arguments = {device_inside(folder)}},
                    context);
}

}  // namespace skep
