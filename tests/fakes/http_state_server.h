// A server of Terraform's HTTP state protocol: by its letter, or with the rules of GitLab.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "planner/system/http.h"

namespace skep::testing {

struct StateServerOptions {
  bool is_gitlab = false;     // 204 before the first version, 409 for a lock of one's own, 422 for a serial again
  std::string username = {};  // empty: anybody
  std::string password = {};
  std::string read_only = {};   // a password that may only read: 403 for the rest
  std::size_t bytes_limit = 0;  // 413 above; 0: none
};

class StateServer {
 public:
  explicit StateServer(StateServerOptions options = {}) : options_(std::move(options)) {}

  /// Paths: /state and, for the lock, /state/lock. Safe from any thread.
  Response answer(const Request& request);

  /// As somebody at the server may: an older version is the present one again.
  void put_back(const std::string& version);
  std::optional<std::string> state() const;
  std::string lock() const;  // the holder's info; empty: free
  /// "LOCK /state/lock 200", in order.
  std::vector<std::string> exchanges() const;
  std::vector<std::string> versions() const;

 private:
  Response respond(const Request& request);
  Response respond_lock(const Request& request);
  Response respond_unlock(const Request& request);
  Response respond_write(const Request& request);

  const StateServerOptions options_;
  mutable std::mutex mutex_;
  std::optional<std::string> state_ = {};
  std::string lock_ = {};
  bool has_record_ = false;
  std::set<std::int64_t> serials_ = {};
  std::vector<std::string> exchanges_ = {};
  std::vector<std::string> versions_ = {};
};

}  // namespace skep::testing
