#include "providers/local/inside.h"

namespace skep {

Result<void> run_inside(Processes& processes, const InsideCommand& command, const Context& context) {
  std::vector<std::string> argv = {
      "nsenter",      "--target", std::to_string(command.leader), "--mount", "--root", "--wd", "/bin/sh", "-euc",
      command.script, "sh"};
  argv.insert(argv.end(), command.arguments.begin(), command.arguments.end());
  TRY(run_checked(processes, {.argv = argv, .input = command.input}, context));
  return {};
}

}  // namespace skep
