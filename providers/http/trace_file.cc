#include "providers/http/trace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "planner/system/os_error.h"

namespace skep {

namespace {

void append(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Result<TraceSink> trace_to_file(const std::string& path) {
  const int number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (number < 0) return os_error(errno, "open the trace file " + path);
  auto file = std::make_shared<Descriptor>(number);
  if (::fchmod(number, 0600) != 0) return os_error(errno, "make the trace file " + path + " private");
  return TraceSink([file](std::string_view line) { append(file->get(), std::string(line) + "\n"); });
}

}  // namespace skep
