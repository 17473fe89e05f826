#include "planner/system/spawn.h"

#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>

#include "planner/system/os_error.h"

namespace skep {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> texts;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!added.contains(std::string(text.substr(0, text.find('='))))) texts.emplace_back(text);
  }
  for (const auto& [name, value] : added) texts.push_back(name + "=" + value);
  return texts;
}

/// posix_spawn's two parameter blocks, freed at the end.
class SpawnOptions {
 public:
  SpawnOptions() {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
  }
  ~SpawnOptions() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnOptions(const SpawnOptions&) = delete;
  SpawnOptions& operator=(const SpawnOptions&) = delete;

  void set_signals(bool own_group) {
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);  // the one that we ignore; what others let us inherit (nohup) is the child's as well
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (own_group) flags |= POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }

  void set_descriptors(const Standard& standard) {
    const std::array<int, 3> sources = {standard.in, standard.out, standard.err};
    for (int target = 0; target < 3; ++target) {
      const int source = sources[static_cast<std::size_t>(target)];
      if (source < 0) continue;
      assert(source > 2);
      posix_spawn_file_actions_adddup2(&actions_, source, target);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
  }

  void set_folder(const std::string& folder) {
    if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }

  const posix_spawnattr_t* attributes() const { return &attributes_; }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawnattr_t attributes_ = {};
  posix_spawn_file_actions_t actions_ = {};
};

}  // namespace

Result<ExecArguments> ExecArguments::of(const Command& command, const Processes& processes) {
  assert(!command.argv.empty());
  ExecArguments arguments;
  const std::string& program = command.argv[0];
  if (program.find('/') != std::string::npos) {
    arguments.path_ = program;
  } else if (auto found = processes.find_program(program)) {
    arguments.path_ = *found;
  } else {
    return Error{ErrorCode::not_found, program + ": no such program on the PATH"};
  }
  if (!command.folder.empty()) {
    struct stat status = {};
    if (::stat(command.folder.c_str(), &status) != 0) return os_error(errno, program + ": enter " + command.folder);
    if (!S_ISDIR(status.st_mode)) return os_error(ENOTDIR, program + ": enter " + command.folder);
  }
  arguments.argument_texts_ = command.argv;
  arguments.environment_texts_ = environment_with(command.environment);
  arguments.argv_ = pointers_to(arguments.argument_texts_);
  arguments.envp_ = pointers_to(arguments.environment_texts_);
  return arguments;
}

Result<pid_t> spawn(const Command& command, const ExecArguments& arguments, const Standard& standard, bool own_group) {
  SpawnOptions options;
  options.set_signals(own_group);
  options.set_descriptors(standard);
  options.set_folder(command.folder);
  pid_t pid = 0;
  const int number =
      posix_spawn(&pid, arguments.path(), options.actions(), options.attributes(), arguments.argv(), arguments.envp());
  if (number != 0) return os_error(number, "start " + command.argv[0]);
  return pid;
}

int exit_code_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int wait_for_child(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return 127;  // somebody else has waited for it: its code is lost
  }
  return exit_code_of(status);
}

}  // namespace skep
