// What exists in the simulated DigitalOcean, and what is going on: objects, running actions, time. Private to the
// simulation.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "tests/fakes/cloud_actions.h"
#include "tests/fakes/cloud_addresses.h"
#include "tests/fakes/cloud_api.h"
#include "tests/fakes/digitalocean_cloud.h"

namespace skep::testing::digitalocean {

using Id = std::int64_t;

using cloud::Answer;
using cloud::ApiError;
using cloud::Call;
using cloud::erase_where;
using cloud::holds;
using cloud::value_of;
using cloud::values_of;
using cloud::visible;

/// The documented error body; its id follows from the status.
[[noreturn]] void fail(int status, const std::string& message);
[[noreturn]] void fail_input(const std::string& message);  // 422
[[noreturn]] void fail_missing();                          // 404

class World;
using Effect = std::function<void(World&)>;

/// An action as the API shows it: `type` "power_off", `resource_type` "droplet"; it `locks` "droplets/17".
struct Begin {
  std::string type;
  std::string resource_type;
  Json resource_id;
  std::string region;
  std::vector<std::string> locks;
  Effect effect = [](World&) {};
  Effect on_error = [](World&) {};
};

class World {
 public:
  explicit World(DigitalOceanOptions given);

  DigitalOceanOptions options;
  CloudTime now{};

  /// Members that begin with "_" are ours and never shown. Keys: ids as text, addresses, names.
  Json& get(const std::string& kind, const std::string& key);  // 404 when it is not there
  Json* find(const std::string& kind, const std::string& key);
  std::vector<Json*> all(const std::string& kind);  // in the order of their creation
  /// The first whose member has the value.
  Json* find_by(const std::string& kind, const std::string& member, const Json& value);

  /// Checks the account's limit. The key is the member `id`, `ip` or `name`, whichever comes first.
  Json& add(const std::string& kind, Json object);
  void check_limit(const std::string& kind, std::size_t more);
  void destroy(const std::string& kind, const std::string& key);
  /// As lists show them: without the newest, with some that are gone.
  std::vector<Json> listed(const std::string& kind);

  /// Starts an action and returns it as the API shows it.
  Json begin(Begin begin);
  /// Something that goes on behind the scenes.
  void later(std::chrono::milliseconds after, Effect effect);
  bool is_busy(const std::string& what) const { return actions_.is_busy(what); }
  Json action(const std::string& id) const;  // as shown; 404 when there is none
  /// Of one thing ("droplets/17") or all (""), newest first.
  std::vector<Json> actions_of(const std::string& locked) const;
  CloudTime last_end() const { return actions_.last_end(now); }
  CloudTime begun_until() const { return actions_.begun_until(); }
  void advance(CloudTime to) { actions_.advance(now, to, options.failing_actions); }

  Id next_id() { return next_id_ += 3; }
  std::string next_uuid();
  std::string next_ipv4() { return cloud::ipv4_text(next_address_++); }
  std::string time_text() const;

 private:
  struct Gone {
    std::string kind;
    Json shown;
    CloudTime until;
  };
  std::chrono::milliseconds scaled(std::chrono::milliseconds usual) const;
  Json shown(const cloud::Actions::Action& action) const;

  std::map<std::string, std::map<std::string, Json>> objects_;
  std::vector<Gone> gone_;
  cloud::Actions actions_;
  std::int64_t order_ = 0;
  Id next_id_ = 400'000'000;
  Id next_action_ = 2'400'000'000;  // more than 31 bits hold
  std::uint32_t next_uuid_ = 1;
  std::uint32_t next_address_ = (198U << 24) + (19U << 16) + 10;  // 198.19.0.10
};

/// The object as the API shows it, with what follows from others (a droplet's volumes, a tag's counts).
Json render(World& world, const std::string& kind, const Json& object);
/// {"droplet": {...}}
Json wrapped(World& world, const std::string& kind, const Json& object);
std::string key_of(const Json& object);
std::string rfc3339_text(CloudTime time);
/// What follows from what was done, before the next request: firewalls reach the droplets that have their tags.
void settle_firewalls(World& world);

// The table of the API.
using Route = cloud::Route<World>;
using Routes = std::vector<Route>;
void add_account_routes(Routes& routes);
void add_catalog_routes(Routes& routes);
void add_vpc_routes(Routes& routes);
void add_peering_routes(Routes& routes);
void add_tag_routes(Routes& routes);
void add_droplet_routes(Routes& routes);
void add_droplet_action_routes(Routes& routes);
void add_backup_routes(Routes& routes);
void add_associated_routes(Routes& routes);
void add_firewall_routes(Routes& routes);
void add_volume_routes(Routes& routes);
void add_volume_action_routes(Routes& routes);
void add_snapshot_routes(Routes& routes);
void add_image_routes(Routes& routes);
void add_reserved_ip_routes(Routes& routes);
void add_load_balancer_routes(Routes& routes);
void add_domain_routes(Routes& routes);
void add_project_routes(Routes& routes);

/// GET of one: /v2/KIND/{}.
void add_reading_route(Routes& routes, const std::string& kind);
/// {KEY: [...], "links": ..., "meta": ...}: one page.
Answer list_answer(const World& world, const Call& call, const std::string& key, std::vector<Json> objects);

}  // namespace skep::testing::digitalocean
