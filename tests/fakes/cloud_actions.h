// Work of a simulated cloud that takes time: what is under way, what it locks, what happens when it ends. Private to
// the simulations.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "tests/fakes/cloud_api.h"

namespace skep::testing::cloud {

struct Work {
  std::string command;
  std::vector<std::string> locks = {};  // "server/17" is busy meanwhile
  Json about = nullptr;                 // what the cloud shows beside the times
  bool hidden = false;                  // goes on behind the scenes: the API has no action for it
  std::function<void()> effect = [] {};
  std::function<void()> on_error = [] {};
};

class Actions {
 public:
  using Id = std::int64_t;
  enum class Status { running, success, error };
  struct Action {
    Id id;
    Work work;
    CloudTime started;
    CloudTime ends;
    Status status = Status::running;
  };

  const Action& begin(Id id, Work work, CloudTime now, std::chrono::milliseconds takes);

  bool is_busy(const std::string& what) const;  // something under way locks it
  const Action* find(Id id) const;
  const std::map<Id, Action>& all() const { return actions_; }
  CloudTime last_end(CloudTime now) const;
  /// When all that began since the last advance(), and is not hidden, will have ended; that time itself when nothing
  /// did.
  CloudTime begun_until() const { return begun_until_; }

  /// Lets time pass: what is due happens, in order; `now` follows. `failing` counts down the commands that shall fail.
  void advance(CloudTime& now, CloudTime to, std::map<std::string, int>& failing);

 private:
  std::map<Id, Action> actions_;
  std::multimap<CloudTime, Id> due_;
  CloudTime begun_until_{};
};

}  // namespace skep::testing::cloud
