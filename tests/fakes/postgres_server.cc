#include "tests/fakes/postgres_server.h"

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "planner/store/postgres_link.h"
#include "tests/fakes/child_program.h"

namespace skep::testing {

namespace {

const std::string programs = "/usr/lib/postgresql/15/bin/";
const std::string user = "postgres";  // PostgreSQL refuses to run as root

[[noreturn]] void give_up(const std::string& why) { give_up_program("the PostgreSQL", why); }

}  // namespace

PostgresServer::PostgresServer() : folder_(program_folder("skep-postgres", user)), port_(unused_port()) {
  std::ofstream(folder_ + "/password") << "hunter22-canary\n";
  std::filesystem::permissions(folder_ + "/password", std::filesystem::perms(0644));
  const std::string data = folder_ + "/data";
  const std::string log = folder_ + "/log";
  const pid_t maker = start_program({programs + "initdb", "-D", data, "-U", "skep", "-N", "-A", "scram-sha-256",
                                     "--pwfile", folder_ + "/password", "--locale=C"},
                                    log, user);
  if (wait_for_program(maker) != 0) give_up("initdb failed: " + text_in(log));
  pid_ = start_program(
      {programs + "postgres", "-D", data, "-c", "listen_addresses=127.0.0.1", "-c", "port=" + std::to_string(port_),
       "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "shared_buffers=16MB"},
      log, user);
  PostgresLink link(connection("skep", port_) + " connect_timeout=2");
  for (int i = 0; !link.open().ok(); ++i) {
    if (i == 300) give_up("it does not start: " + text_in(log));
    usleep(50'000);
  }
  const auto made = link.ask("create role reader login password 'hunter22-canary'", {});
  if (!made.ok() || !made.value().sqlstate.empty()) give_up("no role");
}

PostgresServer::~PostgresServer() {
  end_program(pid_, SIGINT);  // "fast": connections are ended
  std::filesystem::remove_all(folder_);
}

std::string PostgresServer::connection(const std::string& role, int port, const std::string& password) const {
  return "host=127.0.0.1 dbname=postgres user=" + role + " port=" + std::to_string(port) + " password=" + password;
}

}  // namespace skep::testing
