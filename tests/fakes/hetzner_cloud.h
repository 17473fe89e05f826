// The simulated Hetzner Cloud: a state machine as strict as the service, for in-process tests and behind a real server.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "planner/base/json.h"
#include "planner/system/http.h"
#include "tests/fakes/cloud_api.h"

namespace skep::testing {

struct HetznerOptions {
  enum class Access { read, read_write };
  std::map<std::string, Access> tokens = {{std::string(64, 'k'), Access::read_write},
                                          {std::string(64, 'r'), Access::read}};
  std::string prefix = "/v1";

  int rate_limit = 3600;     // requests in a full bucket
  double rate_refill = 1.0;  // requests a second

  double speed = 1.0;  // actions take their usual time divided by this

  /// New objects are missing from lists (by name and label too) for this long; by id they are found at once.
  std::chrono::milliseconds list_lag{0};

  /// (server type, location) that cannot be ordered now: 412 resource_unavailable.
  std::set<std::pair<std::string, std::string>> sold_out = {};

  /// Those that load balancers may name; there is no other sign of them.
  std::set<std::int64_t> certificates = {897};

  /// How many objects of a kind ("servers") the project may have: 403 resource_limit_exceeded.
  std::map<std::string, std::size_t> limits = {};

  /// The next actions of these commands ("create_server") end in error; each entry counts down.
  std::map<std::string, int> failing_actions = {};
};

class HetznerCloud {
 public:
  explicit HetznerCloud(HetznerOptions options = {});
  ~HetznerCloud();
  HetznerCloud(const HetznerCloud&) = delete;
  HetznerCloud& operator=(const HetznerCloud&) = delete;

  /// `request.url` is a whole URL or a target ("/v1/servers"); header names in any case. Time must not go back.
  /// Not for many threads at once.
  Response handle(const Request& request, CloudTime now);

  /// May be changed between requests.
  HetznerOptions& options();

  // What a test looks at afterwards.
  /// All objects of a kind ("servers") as the API shows them, by id.
  std::vector<Json> all(const std::string& kind) const;
  /// What the API never shows again: the user data a server was made with.
  std::string user_data(std::int64_t server_id) const;
  std::size_t request_count() const;
  /// By what was asked, numbers and names left out: {"POST /servers": 3}.
  const std::map<std::string, std::size_t>& requests() const;
  /// The time at which the last running action will have ended.
  CloudTime all_actions_done() const;
  /// The time at which all actions that the last request began will have ended; its own when it began none.
  CloudTime begun_until() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace skep::testing
