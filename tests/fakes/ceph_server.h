// A third-party S3 server of a test's own: Debian's Ceph with its object gateway, in memory, at 127.0.0.1.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace skep::testing {

class CephServer {
 public:
  /// Empty: its programs are here. Else which is missing, and how to get it.
  static std::string missing();

  /// Starts one monitor, one store and the gateway, and makes a user and the bucket "bucket". Takes some seconds.
  /// Asserts when it cannot.
  CephServer();
  ~CephServer();
  CephServer(const CephServer&) = delete;
  CephServer& operator=(const CephServer&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  static constexpr const char* key_id = "AKIATEST";
  static constexpr const char* secret = "secret-canary";
  static constexpr const char* region = "us-east-1";

 private:
  void write_settings(int monitor_port);
  void start_store();
  void make_bucket() const;
  /// Runs a program to its end, again until it succeeds; what it said.
  std::string run(const std::vector<std::string>& words, int tries = 1) const;
  pid_t start(const std::vector<std::string>& words) const;

  std::string folder_;
  int port_ = 0;
  std::vector<pid_t> pids_ = {};
};

}  // namespace skep::testing
