#include "providers/local/cgroups.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "planner/base/text.h"
#include "planner/system/os_error.h"
#include "providers/local/kernel_files.h"

namespace skep {

namespace {

namespace fs = std::filesystem;

constexpr const char* top = "/sys/fs/cgroup";
constexpr const char* home = "skep";  // below each hierarchy's top
constexpr int quota_period_us = 100000;

// mkdir of both levels; the upper one may vanish meanwhile, with the last machine of another cluster.
Result<void> make_folder(const std::string& parent, const std::string& folder) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) return os_error(errno, "make control group " + parent);
    if (::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST) return {};
    if (errno != ENOENT) return os_error(errno, "make control group " + folder);
  }
  return os_error(ENOENT, "make control group " + folder);
}

// A new cpuset is empty and takes nobody in.
void copy_cpuset(const std::string& from, const std::string& to) {
  for (const char* file : {"/cpuset.cpus", "/cpuset.mems"}) {
    const std::string value = read_kernel_file(from + file);
    if (!value.empty()) (void)write_kernel_file(to + file, value);
  }
}

Result<void> move_in(const std::string& folder, int pid) {
  return write_kernel_file(folder + "/cgroup.procs", std::to_string(pid));
}

// Which controllers the groups below may use: all there are, one by one, because one refusal would lose them all.
void pass_controllers_on(const std::string& folder) {
  for (const auto& name : split(trim(read_kernel_file(folder + "/cgroup.controllers")), ' ')) {
    (void)write_kernel_file(folder + "/cgroup.subtree_control", "+" + name);
  }
}

// In a container its top group holds processes, and then passes nothing on: they make room by moving one level down.
void make_room_at_top() {
  if (read_kernel_file(std::string(top) + "/cgroup.type").empty()) return;  // the real top has no such file
  const std::string room = std::string(top) + "/others";
  if (::mkdir(room.c_str(), 0755) != 0 && errno != EEXIST) return;
  for (const auto& pid : split_lines(read_kernel_file(std::string(top) + "/cgroup.procs")))
    (void)write_kernel_file(room + "/cgroup.procs", pid);
}

void destroy_tree_of_groups(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory(error)) destroy_tree_of_groups(entry.path().string());
  }
  ::rmdir(folder.c_str());
}

}  // namespace

CgroupMounts cgroup_mounts(std::string_view proc_mounts) {
  CgroupMounts mounts;
  for (const auto& line : split_lines(proc_mounts)) {
    const auto fields = split(line, ' ');
    if (fields.size() < 3 || !fields[1].starts_with(top)) continue;
    if (fields[2] == "cgroup2" && fields[1] == top) return {.unified = true, .folders = {top}};
    if (fields[2] == "cgroup" || fields[2] == "cgroup2") mounts.folders.push_back(fields[1]);
  }
  std::ranges::sort(mounts.folders);
  return mounts;
}

std::string unified_home(std::string_view proc_self_cgroup, std::string_view unit) {
  const std::string service = "/skep-" + std::string(unit) + ".service";
  for (const auto& line : split_lines(proc_self_cgroup)) {
    if (!line.starts_with("0::")) continue;
    const auto found = line.find(service);
    if (found != std::string::npos) return top + line.substr(3, found + service.size() - 3);
  }
  return fmt::format("{}/{}/{}", top, home, unit);
}

Result<Cgroups> Cgroups::make(const std::string& unit, const Limits& limits) {
  const CgroupMounts mounts = cgroup_mounts(read_kernel_file("/proc/mounts"));
  Cgroups groups;
  groups.unified_ = mounts.unified;
  const int self = ::getpid();
  if (mounts.unified) {
    const std::string folder = unified_home(read_kernel_file("/proc/self/cgroup"), unit);
    const std::string parent = fs::path(folder).parent_path().string();
    if (parent == fmt::format("{}/{}", top, home)) {
      make_room_at_top();
      pass_controllers_on(top);
      TRY(make_folder(parent, folder));
      pass_controllers_on(parent);
    }
    TRY(make_folder(folder, folder + "/manager"));
    TRY(move_in(folder + "/manager", self));
    pass_controllers_on(folder);
    groups.folders_ = {folder};
  }
  for (const auto& mount : mounts.unified ? std::vector<std::string>() : mounts.folders) {
    const std::string parent = fmt::format("{}/{}", mount, home);
    const std::string folder = fmt::format("{}/{}", parent, unit);
    TRY(make_folder(parent, folder));
    copy_cpuset(mount, parent);
    copy_cpuset(mount, folder);
    TRY(move_in(folder, self));
    groups.folders_.push_back(folder);
  }
  TRY(set_limits(groups.folders_, limits));
  return groups;
}

Result<void> Cgroups::place(int pid, int boot) {
  if (!unified_) return {};  // children are where their parent is
  const std::string& folder = folders_.front();
  // One that was used before has its controllers passed on already and takes no processes: each boot gets a new one.
  if (boot > 1) destroy_tree_of_groups(fmt::format("{}/boot{}", folder, boot - 1));
  const std::string group = fmt::format("{}/boot{}", folder, boot);
  TRY(make_folder(folder, group));
  return move_in(group, pid);
}

Result<void> set_limits(const std::vector<std::string>& folders, const Limits& limits) {
  const auto set = [&](const std::string& path, const std::string& value) -> Result<void> {
    return fs::exists(path) ? write_kernel_file(path, value) : Result<void>();
  };
  const std::int64_t quota = std::int64_t{limits.cpus} * quota_period_us;
  const bool has_memory = limits.memory_bytes > 0;
  for (const auto& folder : folders) {
    TRY(set(folder + "/memory.max", has_memory ? std::to_string(limits.memory_bytes) : "max"));
    TRY(set(folder + "/memory.limit_in_bytes", has_memory ? std::to_string(limits.memory_bytes) : "-1"));
    TRY(set(folder + "/cpu.max", quota > 0 ? fmt::format("{} {}", quota, quota_period_us) : "max"));
    TRY(set(folder + "/cpu.cfs_quota_us", quota > 0 ? std::to_string(quota) : "-1"));
  }
  return {};
}

bool destroy_cgroups(const std::vector<std::string>& known, const std::string& unit) {
  std::vector<std::string> folders = known;
  const auto mounts = cgroup_mounts(read_kernel_file("/proc/mounts"));
  for (const auto& mount : mounts.folders) folders.push_back(fmt::format("{}/{}/{}", mount, home, unit));
  bool all_gone = true;
  for (const auto& folder : folders) {
    if (folder.find(unit) == std::string::npos) continue;  // never anything but this machine's own
    destroy_tree_of_groups(folder);
    all_gone = all_gone && !fs::exists(folder);
  }
  for (const auto& mount : mounts.folders) ::rmdir(fmt::format("{}/{}", mount, home).c_str());  // when it is empty
  return all_gone;
}

}  // namespace skep
