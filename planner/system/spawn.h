// Starting a child process, with nothing of ours in it but what it is given.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/system/processes.h"

namespace skep {

/// A command in the form that execve(2) takes. Made before the fork, since nothing may be allocated after it.
class ExecArguments {
 public:
  /// Errors: not_found (no such program on the PATH, or no such working folder).
  static Result<ExecArguments> of(const Command& command, const Processes& processes);

  ExecArguments(ExecArguments&&) = default;  // the texts stay where they are, so the pointers hold
  const char* path() const { return path_.c_str(); }
  char* const* argv() const { return argv_.data(); }
  char* const* envp() const { return envp_.data(); }

 private:
  ExecArguments() = default;

  std::string path_;
  std::vector<std::string> argument_texts_;
  std::vector<std::string> environment_texts_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
};

/// What becomes the child's stdin, stdout and stderr; -1: our own. Numbers from 3 upwards.
struct Standard {
  int in = -1;
  int out = -1;
  int err = -1;
};

/// Starts it with the signals that we got ourselves, none blocked, and no other descriptors, in a process group of its
/// own when asked. Returns its pid; the caller waits for it. Errors: not_found, denied, unavailable.
Result<pid_t> spawn(const Command& command, const ExecArguments& arguments, const Standard& standard, bool own_group);

/// 128 + n when it was ended by signal n.
int exit_code_of(int wait_status);

/// Waits for this one child. Blocks until it has ended.
int wait_for_child(pid_t pid);

}  // namespace skep
