// Terraform's HTTP state protocol on a port of 127.0.0.1: any number of states. (The methods LOCK and UNLOCK are beyond
// what the library of the other servers takes.)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "tests/fakes/http_raw_server.h"
#include "tests/fakes/http_state_server.h"

namespace skep::testing {

class StateService {
 public:
  /// `on_exchange` hears of each: "LOCK /state/lock 200".
  explicit StateService(
      StateServerOptions options, std::function<void(const std::string&)> on_exchange = [](const std::string&) {});

  /// A state is at URL/state, at URL/NAME/state, or where GitLab has it: URL/api/v4/projects/7/terraform/state/NAME.
  std::string url() const { return server_.url(); }
  int port() const { return server_.port(); }

 private:
  void serve(RawConnection& connection);
  Response answer(Request request);

  const StateServerOptions options_;
  const std::function<void(const std::string&)> on_exchange_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<StateServer>> states_ = {};  // by name
  RawServer server_;                                                 // last: it calls us until it is gone
};

}  // namespace skep::testing
