// Files of the kernel (sysctls, control groups, /proc), which are written in one go and never replaced.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "planner/base/result.h"

namespace skep {

/// Writes to a file that exists. Errors: not_found, denied, conflict (busy), unavailable.
Result<void> write_kernel_file(const std::string& path, std::string_view content);
/// The whole text, or "" when it cannot be read.
std::string read_kernel_file(const std::string& path);

/// A sysctl by its path below /proc/sys: "net/ipv4/ip_forward". Empty when the kernel has none.
std::string read_sysctl(std::string_view name);
Result<void> write_sysctl(std::string_view name, std::string_view value);

/// Clock ticks since boot at which a process began; 0 when there is no such process. With it a process is told from a
/// later one of the same number.
std::uint64_t start_time(int pid);
/// Whether that process still runs.
bool is_same_process(int pid, std::uint64_t began);
/// Arguments of a process, a blank between; "" when it is gone or a zombie.
std::string command_line(int pid);

/// A process as its own namespace numbers it.
struct InsideProcess {
  int parent = 0;  // as this computer numbers it
  int inner = 0;   // as the parent's namespace numbers it
};
/// Its number on this computer, or 0.
int outer_pid(const InsideProcess& wanted);

/// Replaces what `ps` shows of the calling process, at most as long as its present arguments.
void set_process_title(std::string_view title);

}  // namespace skep
