// The simulated DigitalOcean: a state machine as strict as the service, for in-process tests and behind a real server.
#pragma once

#include <chrono>
#include <cstdint>
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

struct DigitalOceanOptions {
  enum class Access { read, read_write };
  std::map<std::string, Access> tokens = {{"dop_v1_" + std::string(64, 'a'), Access::read_write},
                                          {"dop_v1_" + std::string(64, 'b'), Access::read}};

  int rate_hour = 5000;   // requests in any hour
  int rate_minute = 250;  // requests in any minute
  int rate_keys = 10;     // of them lists of SSH keys

  double speed = 1.0;  // actions take their usual time divided by this

  /// New objects are missing from lists, and destroyed ones stay in them, for this long; by id all is known at once.
  std::chrono::milliseconds list_lag{0};

  /// (size, region) that cannot be ordered now.
  std::set<std::pair<std::string, std::string>> sold_out = {};

  /// Those that load balancers may name; there is no other sign of them.
  std::set<std::string> certificates = {"892071a0-bb95-49bc-8021-3afd67a210bf"};

  /// How many objects of a kind ("droplets") the account may have.
  std::map<std::string, std::size_t> limits = {
      {"droplets", 25}, {"volumes", 100}, {"reserved_ips", 5}, {"load_balancers", 10}, {"firewalls", 100}};

  /// The next actions of these types ("create", "attach_volume") end in error; each entry counts down.
  std::map<std::string, int> failing_actions = {};

  /// What the links of pages and actions begin with, whatever the address that was asked.
  std::string public_url = "https://api.digitalocean.com";
};

class DigitalOceanCloud {
 public:
  explicit DigitalOceanCloud(DigitalOceanOptions options = {});
  ~DigitalOceanCloud();
  DigitalOceanCloud(const DigitalOceanCloud&) = delete;
  DigitalOceanCloud& operator=(const DigitalOceanCloud&) = delete;

  /// `request.url` is a whole URL or a target ("/v2/droplets"); header names in any case. Time must not go back.
  /// Not for many threads at once.
  Response handle(const Request& request, CloudTime now);

  /// May be changed between requests.
  DigitalOceanOptions& options();

  // What a test looks at afterwards.
  /// All objects of a kind ("droplets") as the API shows them, in the order of their creation.
  std::vector<Json> all(const std::string& kind) const;
  /// What the API never shows again: the user data and the keys (their ids) a droplet was made with.
  std::string user_data(std::int64_t droplet_id) const;
  Json ssh_keys(std::int64_t droplet_id) const;

  struct Packet {
    std::int64_t droplet_id = 0;
    bool inbound = true;
    std::string protocol = "tcp";
    int port = 0;
    std::string peer = {};  // the address at the other end
  };
  /// Whether the firewalls that have been applied by now let it through: none applied, all passes; else what some rule
  /// allows.
  bool passes(const Packet& packet) const;

  std::size_t request_count() const;
  /// By what was asked, ids and names left out: {"POST /v2/droplets": 3}.
  const std::map<std::string, std::size_t>& requests() const;
  /// The time at which the last work under way will have ended.
  CloudTime all_actions_done() const;
  /// The time at which all actions that the last request began will have ended; its own when it began none.
  CloudTime begun_until() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace skep::testing
