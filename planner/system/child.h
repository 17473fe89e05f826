// A running child process and its three pipes: fed, drained and ended without ever blocking on one of them.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string_view>

#include "planner/base/result.h"
#include "planner/system/context.h"
#include "planner/system/descriptor.h"
#include "planner/system/processes.h"
#include "planner/system/spawn.h"

namespace skep {

class Child {
 public:
  /// Starts `command`, which must outlive the child, in a process group of its own. Errors: as spawn().
  static Result<std::unique_ptr<Child>> start(const Command& command, const ExecArguments& arguments);
  ~Child();  // ends it if it still runs
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Feeds and drains the pipes until the process has ended. What its own children write after that is not waited for.
  /// Errors: cancelled, unavailable (deadline); the process then still runs.
  Result<void> follow(const Context& context);

  /// How it ended, and what it said. Only after follow() succeeded.
  Exit reap();

  /// SIGTERM to the process group, SIGKILL two seconds later, and what was said until then.
  Exit end();

 private:
  explicit Child(const Command& command);
  Result<void> pump(const Context& context);
  void feed();
  void drain(Descriptor& pipe, std::string& text) const;
  bool is_silent() const { return has_ended_ && !out_.is_open() && !err_.is_open(); }

  std::string_view unsent_;
  std::size_t output_limit_bytes_;
  pid_t pid_ = -1;
  Descriptor ended_;  // a pidfd: readable once the process has ended
  Descriptor in_;
  Descriptor out_;
  Descriptor err_;
  bool has_ended_ = false;
  Exit exit_;
};

}  // namespace skep
