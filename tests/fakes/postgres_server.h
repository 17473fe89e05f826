// A PostgreSQL server of a test's own: Debian's program, in a folder that goes with it, at 127.0.0.1.
#pragma once

#include <sys/types.h>

#include <string>

namespace skep::testing {

class PostgresServer {
 public:
  /// Makes the database and starts the server, not as root, which it refuses to be. Asserts when it cannot.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  int port() const { return port_; }
  /// libpq's string for a role: "skep" owns the database and may do anything, "reader" may only read.
  std::string connection(const std::string& role, int port, const std::string& password = "hunter22-canary") const;
  std::string connection() const { return connection("skep", port_); }

 private:
  std::string folder_;
  int port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace skep::testing
