// Seam 4 of 6: child processes on this computer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/base/secret.h"
#include "planner/system/context.h"

namespace skep {

struct Command {
  std::vector<std::string> argv;                        // argv[0] is looked up on the PATH; no shell is involved
  std::map<std::string, std::string> environment = {};  // added to ours
  std::string input = {};                               // on stdin
  std::string folder = {};                              // working directory; empty: ours
  std::size_t output_limit_bytes = 64u << 20;           // of stdout and of stderr; more is cut, never an error
};

struct Exit {
  int code = 0;  // 128 + n when ended by signal n
  std::string out;
  std::string err;
};

class Processes {
 public:
  virtual ~Processes() = default;

  /// Runs to its end and returns how it ended; a non-zero code is no Error. Blocks until then, at most until
  /// context.deadline or stop: then the child's process group is ended (SIGTERM, two seconds later SIGKILL).
  /// Errors: not_found (no such program), cancelled, unavailable (deadline). Safe from any thread.
  virtual Result<Exit> run(const Command& command, const Context& context) = 0;

  /// Starts a process that outlives us: own session, stdin from /dev/null, stdout and stderr appended to `log_path`,
  /// all other descriptors closed. Returns its pid. Errors: not_found, unavailable.
  virtual Result<int> start_detached(const Command& command, const std::string& log_path) = 0;

  /// Runs with our own terminal as stdin, stdout and stderr (ssh, an editor), and returns its exit code.
  virtual Result<int> run_in_terminal(const Command& command) = 0;

  /// The full path of a program on the PATH (and /usr/sbin, /sbin), or nothing.
  virtual std::optional<std::string> find_program(const std::string& name) const = 0;
};

class SystemProcesses final : public Processes {
 public:
  Result<Exit> run(const Command& command, const Context& context) override;
  Result<int> start_detached(const Command& command, const std::string& log_path) override;
  Result<int> run_in_terminal(const Command& command) override;
  std::optional<std::string> find_program(const std::string& name) const override;
};

/// run(), where a non-zero exit is an error too: "PROGRAM ...: exited with 1: LAST LINES OF STDERR" (unavailable).
Result<std::string> run_checked(Processes& processes, const Command& command, const Context& context);

}  // namespace skep
