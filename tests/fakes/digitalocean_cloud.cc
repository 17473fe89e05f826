#include "tests/fakes/digitalocean_cloud.h"

#include <algorithm>
#include <deque>

#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing {

namespace {

using cloud::Answer;
using cloud::ApiError;
using cloud::Call;
using digitalocean::fail;
using digitalocean::Routes;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Routes digitalocean_routes() {
  Routes routes;
  digitalocean::add_account_routes(routes);
  digitalocean::add_catalog_routes(routes);
  digitalocean::add_vpc_routes(routes);
  digitalocean::add_peering_routes(routes);
  digitalocean::add_tag_routes(routes);
  digitalocean::add_droplet_routes(routes);
  digitalocean::add_droplet_action_routes(routes);
  digitalocean::add_backup_routes(routes);
  digitalocean::add_associated_routes(routes);
  digitalocean::add_firewall_routes(routes);
  digitalocean::add_volume_routes(routes);
  digitalocean::add_volume_action_routes(routes);
  digitalocean::add_snapshot_routes(routes);
  digitalocean::add_image_routes(routes);
  digitalocean::add_reserved_ip_routes(routes);
  digitalocean::add_load_balancer_routes(routes);
  digitalocean::add_domain_routes(routes);
  digitalocean::add_project_routes(routes);
  return routes;
}

/// The times of the requests in a window that slides.
class Window {
 public:
  void forget(CloudTime before) {
    while (!times_.empty() && times_.front() <= before) times_.pop_front();
  }
  void add(CloudTime now) { times_.push_back(now); }
  int count() const { return static_cast<int>(times_.size()); }
  CloudTime oldest(CloudTime otherwise) const { return times_.empty() ? otherwise : times_.front(); }

 private:
  std::deque<CloudTime> times_;
};

std::int64_t whole_seconds(CloudTime time) { return std::chrono::ceil<seconds>(time).time_since_epoch().count(); }

}  // namespace

struct DigitalOceanCloud::Parts {
  explicit Parts(DigitalOceanOptions given) : world(std::move(given)), routes(digitalocean_routes()) {}

  digitalocean::World world;
  Routes routes;
  Window hour;
  Window minute;
  Window keys;
  std::map<std::string, std::size_t> requests;
  std::int64_t retry_after = 0;

  void spend_one(Window& window, int limit, std::chrono::milliseconds length);
  void authenticate(const Call& call) const;
  Answer answer(const Request& request);
  Answer dispatch(const Request& request);
  void add_headers(Response& response) const;
};

void DigitalOceanCloud::Parts::spend_one(Window& window, int limit, std::chrono::milliseconds length) {
  window.forget(world.now - length);
  if (window.count() >= limit) {
    retry_after = whole_seconds(window.oldest(world.now) + length) - whole_seconds(world.now);
    fail(429, "API rate limit exceeded.");
  }
  window.add(world.now);
}

void DigitalOceanCloud::Parts::authenticate(const Call& call) const {
  const auto header = call.headers.find("authorization");
  const std::string value = header == call.headers.end() ? "" : header->second;
  const auto token = world.options.tokens.find(value.starts_with("Bearer ") ? value.substr(7) : "");
  if (token == world.options.tokens.end()) fail(401, "Unable to authenticate you.");
  if (call.method != "GET" && token->second == DigitalOceanOptions::Access::read) {
    fail(403, "You are not authorized to perform this operation");
  }
}

Answer DigitalOceanCloud::Parts::dispatch(const Request& request) {
  const auto target = cloud::parse_target(request.url, "/v2");
  if (!target) digitalocean::fail_missing();
  Call call{request.method, {}, target->query, Json::object(), cloud::lower_headers(request), target->text};
  const auto found = cloud::find_route(routes, *target, call);
  const std::string pattern = found.route == nullptr ? "/unknown" : found.route->pattern;
  ++requests[request.method + " /v2" + pattern];
  retry_after = 0;
  spend_one(hour, world.options.rate_hour, hours(1));
  spend_one(minute, world.options.rate_minute, minutes(1));
  authenticate(call);
  if (!found.is_known) digitalocean::fail_missing();
  if (found.route == nullptr) fail(405, "method not allowed");
  if (pattern == "/account/keys" && request.method == "GET") spend_one(keys, world.options.rate_keys, minutes(1));
  const bool needs_body = request.method.starts_with('P') && !pattern.ends_with("/retry");
  if (needs_body || !request.body.empty()) {
    const auto parsed = parse_json(request.body, "body");
    const bool is_json = call.headers["content-type"].find("json") != std::string::npos;
    if (!parsed.ok() || !parsed.value().is_object() || !is_json) {
      if (pattern == "/tags") digitalocean::fail_tag("error parsing request body");
      fail(400, "error parsing request body");
    }
    call.body = parsed.value();
  }
  return found.route->handler(world, call);
}

Answer DigitalOceanCloud::Parts::answer(const Request& request) {
  try {
    Answer answer = dispatch(request);
    digitalocean::settle_firewalls(world);
    return answer;
  } catch (const ApiError& error) {
    if (!error.details.is_null()) return {error.status, error.details};  // a body of its own shape
    return {error.status, {{"id", error.code}, {"message", error.message}}};
  }
}

void DigitalOceanCloud::Parts::add_headers(Response& response) const {
  const auto& options = world.options;
  response.headers["ratelimit-limit"] = std::to_string(options.rate_hour);
  response.headers["ratelimit-remaining"] = std::to_string(std::max(options.rate_hour - hour.count(), 0));
  response.headers["ratelimit-reset"] = std::to_string(whole_seconds(hour.oldest(world.now) + hours(1)));
  if (response.status == 429) response.headers["retry-after"] = std::to_string(std::max<std::int64_t>(retry_after, 1));
}

DigitalOceanCloud::DigitalOceanCloud(DigitalOceanOptions options)
    : parts_(std::make_unique<Parts>(std::move(options))) {}

DigitalOceanCloud::~DigitalOceanCloud() = default;

Response DigitalOceanCloud::handle(const Request& request, CloudTime now) {
  Parts& parts = *parts_;
  parts.world.advance(now);
  const Answer answer = parts.answer(request);
  Response response{answer.status, {}, {}};
  parts.add_headers(response);
  if (!answer.body.is_null()) {
    response.headers["content-type"] = "application/json; charset=utf-8";
    response.body = dump_json(answer.body);
  }
  return response;
}

DigitalOceanOptions& DigitalOceanCloud::options() { return parts_->world.options; }

std::vector<Json> DigitalOceanCloud::all(const std::string& kind) const {
  std::vector<Json> found;
  for (const Json* object : parts_->world.all(kind)) found.push_back(render(parts_->world, kind, *object));
  return found;
}

std::string DigitalOceanCloud::user_data(std::int64_t droplet_id) const {
  return parts_->world.get("droplets", std::to_string(droplet_id))["_user_data"];
}

Json DigitalOceanCloud::ssh_keys(std::int64_t droplet_id) const {
  return parts_->world.get("droplets", std::to_string(droplet_id))["_ssh_keys"];
}

bool DigitalOceanCloud::passes(const Packet& packet) const {
  return digitalocean::firewalls_pass(parts_->world, packet);
}

std::size_t DigitalOceanCloud::request_count() const {
  std::size_t sum = 0;
  for (const auto& [name, count] : parts_->requests) sum += count;
  return sum;
}

const std::map<std::string, std::size_t>& DigitalOceanCloud::requests() const { return parts_->requests; }

CloudTime DigitalOceanCloud::all_actions_done() const { return parts_->world.last_end(); }

CloudTime DigitalOceanCloud::begun_until() const { return parts_->world.begun_until(); }

}  // namespace skep::testing
