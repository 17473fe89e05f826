// What exists in the simulated Hetzner Cloud, and what is going on: objects, running actions, time. Private to the
// simulation.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "planner/base/json.h"
#include "tests/fakes/cloud_actions.h"
#include "tests/fakes/cloud_addresses.h"
#include "tests/fakes/cloud_api.h"
#include "tests/fakes/hetzner_cloud.h"

namespace skep::testing::hetzner {

using Id = std::int64_t;

using cloud::Answer;
using cloud::ApiError;
using cloud::Call;
using cloud::erase_where;
using cloud::value_of;
using cloud::values_of;
using cloud::visible;

[[noreturn]] void fail(int status, std::string code, std::string message, Json details = nullptr);
[[noreturn]] void fail_input(const std::string& field, const std::string& message);  // 422 invalid_input

struct Resource {
  Id id;
  std::string type;  // "server"
};

class World;
using Effect = std::function<void(World&)>;

struct Begin {
  std::string command;
  std::vector<Resource> resources;
  std::chrono::milliseconds after{0};  // begins that much later than now (it waits for another action)
  Effect effect = [](World&) {};       // when it ends well
  Effect on_error = [](World&) {};
};

class World {
 public:
  explicit World(HetznerOptions given) : options(std::move(given)) {}

  HetznerOptions options;
  CloudTime now{};

  using Objects = std::map<Id, Json>;
  /// Members that begin with "_" are ours and never shown.
  Json& get(const std::string& kind, Id id);  // 404 when it is not there
  Json* find(const std::string& kind, Id id);
  Json* find_by_name(const std::string& kind, const std::string& name);
  Objects& all(const std::string& kind) { return objects_[kind]; }

  /// Checks limit and uniqueness of the name; sets id, created and, where absent, labels.
  Json& add(const std::string& kind, Json object);
  void check_name_is_free(const std::string& kind, const std::string& name, Id except = 0);
  void destroy(const std::string& kind, Id id) { objects_[kind].erase(id); }
  bool is_listed(const Json& object) const;

  /// Starts an action and returns it as the API shows it.
  Json begin(Begin begin);
  bool is_busy(Id id, const std::string& type) const;
  void check_not_locked(Id id, const std::string& type);  // 423
  Json action(Id id) const;                               // as shown; null when there is none
  std::vector<Json> actions_of(Id id, const std::string& type) const;
  CloudTime last_end() const { return actions_.last_end(now); }
  CloudTime begun_until() const { return actions_.begun_until(); }

  /// Lets time pass: what is due happens, in order.
  void advance(CloudTime to) { actions_.advance(now, to, options.failing_actions); }

  std::string next_ipv4() { return cloud::ipv4_text(next_address_++); }
  std::string next_ipv6_network();
  std::string time_text() const;

 private:
  Json shown(const cloud::Actions::Action& action) const;

  std::map<std::string, Objects> objects_;
  cloud::Actions actions_;
  Id next_id_ = 5'000'000'001;                                    // more than 32 bits hold
  std::uint32_t next_address_ = (198U << 24) + (18U << 16) + 10;  // 198.18.0.10
  std::uint32_t next_network6_ = 1;
};

/// The object as the API shows it, with what follows from others (a network's servers, a server's volumes).
Json render(World& world, const std::string& kind, const Json& object);
/// {"server": {...}}
Json wrapped(World& world, const std::string& kind, const Json& object);
std::string singular(const std::string& kind);

std::string rfc3339_text(CloudTime time);

// The table of the API.
using Handler = cloud::Handler<World>;
using Route = cloud::Route<World>;
using Routes = std::vector<Route>;
void add_catalog_routes(Routes& routes);
void add_key_and_group_routes(Routes& routes);
void add_image_routes(Routes& routes);
void add_server_routes(Routes& routes);
void add_server_action_routes(Routes& routes);
void add_network_routes(Routes& routes);
void add_firewall_routes(Routes& routes);
void add_volume_routes(Routes& routes);
void add_floating_ip_routes(Routes& routes);
void add_primary_ip_routes(Routes& routes);
void add_load_balancer_routes(Routes& routes);
void add_load_balancer_action_routes(Routes& routes);
void add_zone_routes(Routes& routes);
void add_action_routes(Routes& routes);

/// GET list and GET one of a kind, and its actions.
void add_reading_routes(Routes& routes, const std::string& kind, bool has_actions);
/// PUT name and labels, and further members.
void add_update_route(Routes& routes, const std::string& kind, const std::vector<std::string>& further = {});
/// POST .../actions/change_protection of a kind with `delete` only.
void add_protection_route(Routes& routes, const std::string& kind);
Id id_of(const Call& call, std::size_t position = 0);  // 404 when it is no number

void check_not_protected(const Json& object);  // 423

/// Firewalls with a label selector reach the servers that match it by now.
void settle_firewall_selectors(World& world);

}  // namespace skep::testing::hetzner
