#include "planner/system/ssh.h"

#include <fmt/format.h>

#include "planner/base/text.h"

namespace skep {

namespace {

ErrorCode code_of_exit(int code) {
  switch (code) {
    case 65:
      return ErrorCode::invalid_input;
    case 75:
      return ErrorCode::unavailable;
    case 77:
      return ErrorCode::refused;
    default:
      return ErrorCode::internal;
  }
}

std::string last_line(const std::string& text) {
  const auto trimmed = trim(text);
  const auto end = trimmed.rfind('\n');
  return std::string(trim(end == std::string_view::npos ? trimmed : trimmed.substr(end + 1)));
}

}  // namespace

Result<std::string> run_script(Ssh& ssh, const Endpoint& endpoint, const Script& script, const Context& context) {
  Exit exit = TRY(ssh.run(endpoint, script, context));
  if (exit.code == 0) return std::move(exit.out);
  std::string message = last_line(exit.err);
  if (message.empty()) {
    const std::string name = script.name.empty() ? "the command" : fmt::format("script {}", script.name);
    message = fmt::format("{} exited with {} and said nothing", name, exit.code);
  }
  return Error{.code = code_of_exit(exit.code), .message = std::move(message)};
}

}  // namespace skep
