#include "tests/fakes/child_program.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace skep::testing {

void give_up_program(const std::string& what, const std::string& why) {
  std::fprintf(stderr, "%s of the test: %s\n", what.c_str(), why.c_str());
  std::abort();
}

int unused_port() {
  const int handle = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(handle, reinterpret_cast<sockaddr*>(&address), size) != 0) give_up_program("the server", "no port");
  getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size);
  close(handle);
  return ntohs(address.sin_port);
}

pid_t start_program(const std::vector<std::string>& words, const std::string& log, const std::string& user) {
  const pid_t child = fork();
  if (child != 0) return child;
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  dup2(out, 1);
  dup2(out, 2);
  if (getuid() == 0 && !user.empty()) {
    const passwd* entry = getpwnam(user.c_str());
    if (entry == nullptr || setgid(entry->pw_gid) != 0 || setuid(entry->pw_uid) != 0) _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // another user's id would take it back
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

int wait_for_program(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool is_running(pid_t pid) { return waitpid(pid, nullptr, WNOHANG) == 0; }

void end_program(pid_t pid, int signal) {
  if (pid <= 0) return;
  kill(pid, signal);
  waitpid(pid, nullptr, 0);
}

std::string program_folder(const std::string& prefix, const std::string& user) {
  std::string folder = (std::filesystem::temp_directory_path() / (prefix + "-XXXXXX")).string();
  if (mkdtemp(folder.data()) == nullptr) give_up_program(prefix, "no folder");
  if (getuid() != 0 || user.empty()) return folder;
  const passwd* entry = getpwnam(user.c_str());
  if (entry == nullptr || chown(folder.c_str(), entry->pw_uid, entry->pw_gid) != 0)
    give_up_program(prefix, "no user " + user);
  return folder;
}

std::string text_in(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace skep::testing
