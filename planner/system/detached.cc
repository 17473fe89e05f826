#include "planner/system/detached.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <optional>

#include "planner/system/descriptor.h"
#include "planner/system/os_error.h"

namespace skep {

namespace {

/// What the two children tell us through a pipe; shorter than PIPE_BUF, so it comes whole.
struct Report {
  enum class Kind : int { started, cannot_fork, cannot_enter, cannot_start };
  Kind kind = Kind::started;
  int number = 0;  // the pid, or the errno
};

/// All that the children need. They share our memory's image but not our threads: between fork and exec they may only
/// make system calls, since any lock may be held by a thread that does not exist there.
struct Launch {
  const char* path;
  char* const* argv;
  char* const* envp;
  const char* folder;  // nullptr: ours
  int input;
  int log;
  int report;
};

void tell(int descriptor, Report::Kind kind, int number) {
  const Report report = {kind, number};
  while (::write(descriptor, &report, sizeof report) < 0 && errno == EINTR) continue;
}

void reset_signals() {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// In the grandchild: becomes the program, or says why not.
[[noreturn]] void become(const Launch& launch) {
  reset_signals();
  dup2(launch.input, 0);
  dup2(launch.log, 1);
  dup2(launch.log, 2);
  // All others close at exec, whoever opened them and however; the report too, which tells us that it worked.
  syscall(SYS_close_range, 3U, ~0U, static_cast<unsigned>(CLOSE_RANGE_CLOEXEC));
  if (launch.folder != nullptr && chdir(launch.folder) != 0) {
    tell(launch.report, Report::Kind::cannot_enter, errno);
    _exit(127);
  }
  execve(launch.path, launch.argv, launch.envp);
  tell(launch.report, Report::Kind::cannot_start, errno);
  _exit(127);
}

/// In the child: a session of its own, and a grandchild that init inherits.
[[noreturn]] void detach(const Launch& launch) {
  setsid();
  const pid_t pid = _Fork();
  if (pid == 0) become(launch);
  if (pid < 0)
    tell(launch.report, Report::Kind::cannot_fork, errno);
  else
    tell(launch.report, Report::Kind::started, pid);
  _exit(0);
}

/// Reads reports until the children have closed the pipe: the pid of the one that runs.
Result<int> outcome(int reports, const Command& command) {
  std::optional<int> pid;
  std::optional<Report> failure;
  for (;;) {
    Report report;
    const ssize_t count = ::read(reports, &report, sizeof report);
    if (count < 0 && errno == EINTR) continue;
    if (count != static_cast<ssize_t>(sizeof report)) break;
    if (report.kind == Report::Kind::started)
      pid = report.number;
    else
      failure = report;
  }
  if (failure && failure->kind == Report::Kind::cannot_enter) {
    return os_error(failure->number, command.argv[0] + ": enter " + command.folder);
  }
  if (failure) return os_error(failure->number, "start " + command.argv[0]);
  if (!pid) return Error{ErrorCode::unavailable, "start " + command.argv[0] + ": it was ended before it began"};
  return *pid;
}

}  // namespace

Result<int> start_detached_process(const Command& command, const ExecArguments& arguments,
                                   const std::string& log_path) {
  assert(command.input.empty());  // its stdin is /dev/null
  const Descriptor log = above_standard(open(log_path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!log.is_open()) return os_error(errno, "write " + log_path);
  const Descriptor input = above_standard(open("/dev/null", O_RDONLY | O_CLOEXEC));
  Pipe reports = make_pipe();
  if (!input.is_open() || !reports.is_open()) return os_error(errno, "start " + command.argv[0]);

  const Launch launch = {.path = arguments.path(),
                         .argv = arguments.argv(),
                         .envp = arguments.envp(),
                         .folder = command.folder.empty() ? nullptr : command.folder.c_str(),
                         .input = input.get(),
                         .log = log.get(),
                         .report = reports.writing.get()};
  const pid_t pid = _Fork();
  if (pid < 0) return os_error(errno, "start " + command.argv[0]);
  if (pid == 0) detach(launch);
  reports.writing.close();  // ours: the pipe ends when the children's are closed
  Result<int> started = outcome(reports.reading.get(), command);
  wait_for_child(pid);
  return started;
}

}  // namespace skep
