// How a Script becomes one remote command. What is executed is constant; the arguments, the script and its input travel
// on stdin, so that none of them is ever seen in a process list:
//
//   17                          length of the next part in bytes, a line
//   export A='1' ... script     run by the shell that read it, once it has arrived whole
//   ...                         the rest is the script's own stdin: its input, byte for byte
//
// Works with dash, bash and busybox: `read` takes single bytes from a pipe, and dd never reads past its block.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "planner/base/result.h"
#include "planner/base/secret.h"
#include "planner/system/ssh.h"

namespace skep {

struct ScriptCommand {
  std::string name;  // for messages
  bool with_sudo = false;
  Secret input;                  // all of stdin
  std::size_t script_bytes = 0;  // of `input`; the script runs once these have arrived, and not before
};

/// What the host's login shell is given to run, whatever the script: a shell that waits for one. It may wait for long.
std::string shell_command(bool with_sudo);

/// Errors: internal (no script of that name is embedded, an argument's name is no shell name), invalid_input (a zero
/// byte in the script or an argument).
Result<ScriptCommand> script_command(const Script& script, bool with_sudo);

/// Stands alone on a line of stdout and of stderr when the script begins; what came before is the login shell's noise.
std::string_view start_mark();

/// What the script itself printed. Nothing when it never began.
std::optional<std::string_view> after_start_mark(std::string_view output);

/// Why a command ended without having begun the script, from what the login shell, sudo and our own shell said.
/// Errors: unavailable (the script did not arrive whole), denied (the host did not let us run it).
Error never_began(const Exit& exit, bool with_sudo);

}  // namespace skep
