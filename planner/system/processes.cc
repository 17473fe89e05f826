#include "planner/system/processes.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "planner/base/text.h"
#include "planner/system/child.h"
#include "planner/system/detached.h"
#include "planner/system/spawn.h"

namespace skep {

namespace {

constexpr std::size_t shown_command_bytes = 80;
constexpr std::size_t shown_line_count = 3;

bool is_program(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

/// The command as people would type it, cut to a readable length.
std::string command_text(const Command& command) {
  std::string text;
  for (const auto& word : command.argv) text += (text.empty() ? "" : " ") + shell_quote(word);
  if (text.size() <= shown_command_bytes) return text;
  std::size_t end = shown_command_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a UTF-8 character
  return text.substr(0, end) + "...";
}

std::string last_lines(const Exit& exit) {
  std::vector<std::string> lines;
  for (const auto& line : split_lines(trim(exit.err).empty() ? exit.out : exit.err)) {
    if (!trim(line).empty()) lines.emplace_back(trim(line));
  }
  if (lines.empty()) return "it said nothing";
  const std::size_t first = lines.size() > shown_line_count ? lines.size() - shown_line_count : 0;
  return join(std::span(lines).subspan(first), "; ");
}

}  // namespace

Result<Exit> SystemProcesses::run(const Command& command, const Context& context) {
  const ExecArguments arguments = TRY(ExecArguments::of(command, *this));
  if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, command.argv[0] + ": stopped on request"};
  auto child = TRY(Child::start(command, arguments));
  const auto followed = child->follow(context);
  if (followed.ok()) return child->reap();
  const Exit exit = child->end();
  Error error = followed.error();
  if (error.code == ErrorCode::unavailable) {
    const bool is_silent = trim(exit.out).empty() && trim(exit.err).empty();
    error.message = "not done before the deadline" + (is_silent ? "" : "; its last words: " + last_lines(exit));
  }
  return std::move(error).doing(command.argv[0]);
}

Result<int> SystemProcesses::start_detached(const Command& command, const std::string& log_path) {
  const ExecArguments arguments = TRY(ExecArguments::of(command, *this));
  return start_detached_process(command, arguments, log_path);
}

Result<int> SystemProcesses::run_in_terminal(const Command& command) {
  const ExecArguments arguments = TRY(ExecArguments::of(command, *this));
  // In our own process group, so that the terminal's Ctrl-C and Ctrl-Z reach both of us, as people expect.
  const pid_t pid = TRY(spawn(command, arguments, {}, false));
  return wait_for_child(pid);
}

std::optional<std::string> SystemProcesses::find_program(const std::string& name) const {
  if (name.empty()) return std::nullopt;
  if (name.find('/') != std::string::npos) return is_program(name) ? std::optional(name) : std::nullopt;
  const char* path = std::getenv("PATH");
  std::vector<std::string> folders = split(path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path, ':');
  folders.insert(folders.end(), {"/usr/local/sbin", "/usr/sbin", "/sbin"});  // users often lack them
  for (const auto& folder : folders) {
    if (folder.empty()) continue;
    std::string candidate = folder + "/" + name;
    if (is_program(candidate)) return candidate;
  }
  return std::nullopt;
}

Result<std::string> run_checked(Processes& processes, const Command& command, const Context& context) {
  Exit exit = TRY(processes.run(command, context));
  if (exit.code == 0) return std::move(exit.out);
  return Error{ErrorCode::unavailable,
               fmt::format("{}: exited with {}: {}", command_text(command), exit.code, last_lines(exit))};
}

}  // namespace skep
