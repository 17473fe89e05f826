// A simulated Hetzner Cloud behind a real server, and the real skep run against it: to its end, or until kill -9.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "tests/fakes/hetzner_cloud.h"
#include "tests/fakes/http_server.h"

namespace skep::testing {

/// When skep is killed: after some time, or at its n-th request that changes something.
struct Moment {
  enum class At {
    time,         // wherever it is then
    request,      // the request is lost with it
    answer,       // the request is carried out, and its answer is lost
    late_request  // the request is still on its way, and is carried out while the next skep runs
  };
  At at = At::time;
  std::chrono::milliseconds time{0};
  int request = 1;
};

struct Run {
  int code = 0;
  bool was_killed = false;
  int mutation_count = 0;
  std::chrono::milliseconds took{0};
  std::string out;
  std::string err;
};

/// Where skep runs: its home and working directory, and what else its environment says.
struct Machine {
  std::string folder;
  std::map<std::string, std::string> environment = {};
};

/// What the cloud holds, compared with what skep's state says.
struct Differences {
  std::vector<std::string> orphans;     // in the cloud, not in the state
  std::vector<std::string> duplicates;  // in the cloud more than once by their labels
  std::vector<std::string> missing;     // in the state, not in the cloud
};

class KillWorld {
 public:
  KillWorld(std::string skep, Machine machine);

  /// What runs later runs there.
  void move_to(Machine machine) { machine_ = std::move(machine); }

  /// Blocks until skep has ended by itself or by the kill. One that runs for two minutes is killed, with code 124.
  Run run(const std::vector<std::string>& words, const std::optional<Moment>& moment = std::nullopt);

  /// The same on another machine, where nobody kills it. May be called from several threads.
  Run run_at(const Machine& machine, const std::vector<std::string>& words) const;

  /// Called before each request that changes something, by the thread that answers it, while nothing runs yet.
  void before_changes(std::function<void()> call) { before_changes_ = std::move(call); }

  /// Blocks until requests that were still on their way have been carried out.
  void wait_for_late_requests();

  Differences compare(const Json& snapshot);
  /// What the project holds, whoever made it.
  std::vector<std::string> objects();

 private:
  Response answer(const Request& request);
  /// Counts a request that changes something; what is to happen at it, if this is the one.
  std::optional<Moment::At> count_mutation();
  void kill_now();
  Response handle(const Request& request);
  std::map<std::string, std::string> environment_at(const Machine& machine) const;

  std::string skep_;
  Machine machine_;
  std::function<void()> before_changes_ = [] {};
  std::mutex mutex_;
  std::condition_variable changed_;
  HetznerCloud cloud_;
  pid_t pid_ = 0;  // the one that runs; 0: none
  std::optional<Moment> moment_;
  int mutation_count_ = 0;
  int late_count_ = 0;
  HttpServer server_;  // last: it calls us until it is gone
};

}  // namespace skep::testing
