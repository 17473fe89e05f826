#include "planner/system/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "planner/system/wait.h"

namespace skep {

namespace {

constexpr std::size_t line_limit_bytes = 4096;

}  // namespace

bool SystemTerminal::input_is_terminal() const { return isatty(STDIN_FILENO) == 1; }
bool SystemTerminal::output_is_terminal() const { return isatty(STDOUT_FILENO) == 1; }
bool SystemTerminal::errors_are_terminal() const { return isatty(STDERR_FILENO) == 1; }

int SystemTerminal::columns() const {
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO}) {
    winsize size = {};
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

// Byte by byte: what stands behind the line end belongs to whoever reads next.
Result<std::optional<std::string>> SystemTerminal::read_line(const Context& context) {
  std::string line;
  while (line.size() < line_limit_bytes) {
    std::array<pollfd, 1> input = {pollfd{STDIN_FILENO, POLLIN, 0}};
    TRY(wait_for_descriptors(input, context));
    char byte = 0;
    const ssize_t count = read(STDIN_FILENO, &byte, 1);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return Error{ErrorCode::unavailable, std::string("read the answer: ") + std::strerror(errno)};
    if (count == 0) return line.empty() ? std::optional<std::string>() : std::optional<std::string>(line);
    if (byte == '\n') return std::optional<std::string>(line);
    line += byte;
  }
  return std::optional<std::string>(line);
}

}  // namespace skep
