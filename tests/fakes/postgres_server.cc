#include "tests/fakes/postgres_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "planner/store/postgres_link.h"

namespace skep::testing {

namespace {

const std::string programs = "/usr/lib/postgresql/15/bin/";

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "the PostgreSQL of the test: %s\n", why.c_str());
  std::abort();
}

int unused_port() {
  const int handle = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(handle, reinterpret_cast<sockaddr*>(&address), size) != 0) give_up("no port");
  getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size);
  close(handle);
  return ntohs(address.sin_port);
}

// Starts a program as the user postgres, when we are root.
pid_t start(const std::vector<std::string>& words, const std::string& log) {
  const pid_t child = fork();
  if (child != 0) return child;
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  dup2(out, 1);
  dup2(out, 2);
  if (getuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
  }
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

PostgresServer::PostgresServer() : port_(unused_port()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "skep-postgres-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  if (getuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr || chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) give_up("no user postgres");
  }
  std::ofstream(folder_ + "/password") << "hunter22-canary\n";
  std::filesystem::permissions(folder_ + "/password", std::filesystem::perms(0644));
  const std::string data = folder_ + "/data";
  const std::string log = folder_ + "/log";
  int status = 0;
  waitpid(start({programs + "initdb", "-D", data, "-U", "skep", "-N", "-A", "scram-sha-256", "--pwfile",
                 folder_ + "/password", "--locale=C"},
                log),
          &status, 0);
  if (status != 0) give_up("initdb failed: " + text_of(log));
  pid_ = start(
      {programs + "postgres", "-D", data, "-c", "listen_addresses=127.0.0.1", "-c", "port=" + std::to_string(port_),
       "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "shared_buffers=16MB"},
      log);
  PostgresLink link(connection("skep", port_) + " connect_timeout=2");
  for (int i = 0; !link.open().ok(); ++i) {
    if (i == 300) give_up("it does not start: " + text_of(log));
    usleep(50'000);
  }
  const auto made = link.ask("create role reader login password 'hunter22-canary'", {});
  if (!made.ok() || !made.value().sqlstate.empty()) give_up("no role");
}

PostgresServer::~PostgresServer() {
  kill(pid_, SIGINT);  // "fast": connections are ended
  waitpid(pid_, nullptr, 0);
  std::filesystem::remove_all(folder_);
}

std::string PostgresServer::connection(const std::string& role, int port, const std::string& password) const {
  return "host=127.0.0.1 dbname=postgres user=" + role + " port=" + std::to_string(port) + " password=" + password;
}

}  // namespace skep::testing
