#include "planner/system/process_identity.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "planner/base/text.h"
#include "planner/system/files.h"

namespace skep {

namespace {

constexpr std::size_t limit_bytes = 64 << 10;

std::string read_line(const std::string& path) {
  return std::string(trim(SystemFiles().read(path, limit_bytes).value_or("")));
}

std::string link_target(const std::string& path) {
  std::array<char, 256> target = {};
  const ssize_t length = readlink(path.c_str(), target.data(), target.size());
  return length > 0 ? std::string(target.data(), static_cast<std::size_t>(length)) : "";
}

struct ProcessStatus {
  char state = '\0';
  std::int64_t started = 0;
};

/// Of /proc/PID/stat (proc(5)): field 3 and field 22. The name in field 2 may hold anything, so we count from its end.
ProcessStatus status_of(int pid) {
  const std::string text = read_line("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text.size()) return {};
  const auto fields = split(std::string_view(text).substr(name_end + 2), ' ');
  constexpr std::size_t started_field = 22 - 3;
  if (fields.size() <= started_field || fields[0].empty()) return {};
  return {fields[0][0], std::strtoll(fields[started_field].c_str(), nullptr, 10)};
}

bool has_ended(char state) { return state == 'Z' || state == 'X' || state == 'x'; }

}  // namespace

ProcessIdentity identify_process(int pid) {
  ProcessIdentity identity;
  identity.pid = pid;
  const ProcessStatus status = status_of(pid);
  if (!has_ended(status.state)) identity.started = status.started;
  identity.boot_id = read_line("/proc/sys/kernel/random/boot_id");
  identity.pid_namespace = link_target("/proc/self/ns/pid");
  identity.machine_id = read_line("/etc/machine-id");
  std::array<char, 256> host = {};
  if (gethostname(host.data(), host.size() - 1) == 0) identity.host_name = host.data();
  return identity;
}

bool is_surely_gone(const ProcessIdentity& process) {
  const ProcessIdentity here = identify_process(process.pid);
  if (process.boot_id.empty() || here.boot_id.empty()) return false;
  if (process.boot_id != here.boot_id) {
    const bool is_same_computer = !process.machine_id.empty() && process.machine_id == here.machine_id &&
                                  !process.host_name.empty() && process.host_name == here.host_name;
    return is_same_computer;  // which has been booted again since
  }
  if (process.pid_namespace.empty() || process.pid_namespace != here.pid_namespace) return false;
  if (process.pid <= 0) return false;
  if (kill(process.pid, 0) != 0 && errno == ESRCH) return true;
  const ProcessStatus status = status_of(process.pid);
  if (status.state == '\0') return false;  // it is there, but hidden from us
  if (has_ended(status.state)) return true;
  return process.started != 0 && process.started != status.started;
}

}  // namespace skep
