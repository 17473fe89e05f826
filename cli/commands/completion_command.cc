#include "cli/commands/completion_command.h"

#include "cli/completion.h"
#include "cli/exit_code.h"

namespace skep {

Result<int> completion_command(const Invocation& invocation, Outside& outside) {
  const std::string shell = invocation.argument("SHELL");
  outside.out << (shell == "bash" ? bash_completion() : shell == "zsh" ? zsh_completion() : fish_completion());
  return exit_done;
}

}  // namespace skep
