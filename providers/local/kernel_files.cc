#include "providers/local/kernel_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "planner/base/text.h"
#include "planner/system/descriptor.h"
#include "planner/system/os_error.h"

namespace skep {

Result<void> write_kernel_file(const std::string& path, std::string_view content) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) return os_error(errno, "write " + path);
  if (::write(file.get(), content.data(), content.size()) < 0) return os_error(errno, "write " + path);
  return {};
}

std::string read_kernel_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

namespace {

std::string sysctl_path(std::string_view name) { return "/proc/sys/" + std::string(name); }

// Fields of /proc/PID/stat after the command name, which may hold blanks and brackets itself. The first is "state".
std::vector<std::string> stat_fields(const std::string& pid) {
  const std::string text = read_kernel_file("/proc/" + pid + "/stat");
  const auto end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return {};
  return split(trim(std::string_view(text).substr(end_of_name + 1)), ' ');
}

std::uint64_t number_or_zero(const std::vector<std::string>& fields, std::size_t index) {
  return index < fields.size() ? std::strtoull(fields[index].c_str(), nullptr, 10) : 0;
}

// Places in stat_fields(), which lacks the first two of proc(5).
constexpr std::size_t field_start_time = 22 - 3;
constexpr std::size_t field_argument_start = 48 - 3;
constexpr std::size_t field_argument_end = 49 - 3;

// "NSpid:\t700\t5\t1": numbers from the outermost namespace to the innermost.
std::vector<std::string> numbers_of(const std::string& status, std::string_view key) {
  for (const auto& line : split_lines(status)) {
    if (!line.starts_with(key)) continue;
    return split(trim(std::string_view(line).substr(key.size())), '\t');
  }
  return {};
}

}  // namespace

std::string read_sysctl(std::string_view name) { return std::string(trim(read_kernel_file(sysctl_path(name)))); }

Result<void> write_sysctl(std::string_view name, std::string_view value) {
  return write_kernel_file(sysctl_path(name), value);
}

std::uint64_t start_time(int pid) { return number_or_zero(stat_fields(std::to_string(pid)), field_start_time); }

bool is_same_process(int pid, std::uint64_t began) {
  const auto fields = stat_fields(std::to_string(pid));
  // A zombie has ended, however long its parent takes to notice.
  const bool lives = !fields.empty() && fields[0] != "Z" && fields[0] != "X";
  return lives && began != 0 && number_or_zero(fields, field_start_time) == began;
}

std::string command_line(int pid) {
  std::string text = read_kernel_file("/proc/" + std::to_string(pid) + "/cmdline");
  std::ranges::replace(text, '\0', ' ');
  return std::string(trim(text));
}

int outer_pid(const InsideProcess& wanted) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  if (!folder) return 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string pid = entry->d_name;
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string status = read_kernel_file("/proc/" + pid + "/status");
    const auto parent = numbers_of(status, "PPid:");
    if (parent.size() != 1 || parent[0] != std::to_string(wanted.parent)) continue;
    const auto numbers = numbers_of(status, "NSpid:");  // [.., as its parent counts, as it counts itself]
    if (numbers.size() >= 3 && numbers[numbers.size() - 2] == std::to_string(wanted.inner)) return std::stoi(pid);
  }
  return 0;
}

void set_process_title(std::string_view title) {
  const auto fields = stat_fields("self");
  const std::uint64_t first = number_or_zero(fields, field_argument_start);
  const std::uint64_t end = number_or_zero(fields, field_argument_end);
  if (first == 0 || end <= first) return;
  auto* arguments = reinterpret_cast<char*>(first);  // our own memory, as the kernel names it
  std::memset(arguments, 0, end - first);
  std::memcpy(arguments, title.data(), std::min<std::size_t>(title.size(), end - first - 1));
}

}  // namespace skep
