#include "tests/fakes/hetzner_cloud.h"

#include <algorithm>

#include "tests/fakes/hetzner_world.h"

namespace skep::testing {

namespace {

using cloud::Answer;
using cloud::ApiError;
using cloud::Call;
using cloud::Target;
using hetzner::Routes;

Routes all_routes() {
  Routes routes;
  hetzner::add_catalog_routes(routes);
  hetzner::add_key_and_group_routes(routes);
  hetzner::add_image_routes(routes);
  hetzner::add_server_routes(routes);
  hetzner::add_server_action_routes(routes);
  hetzner::add_network_routes(routes);
  hetzner::add_firewall_routes(routes);
  hetzner::add_volume_routes(routes);
  hetzner::add_floating_ip_routes(routes);
  hetzner::add_primary_ip_routes(routes);
  hetzner::add_load_balancer_routes(routes);
  hetzner::add_load_balancer_action_routes(routes);
  hetzner::add_zone_routes(routes);
  hetzner::add_action_routes(routes);
  return routes;
}

}  // namespace

struct HetznerCloud::Parts {
  explicit Parts(HetznerOptions given) : world(std::move(given)), routes(all_routes()) {
    tokens_left = world.options.rate_limit;
  }

  hetzner::World world;
  Routes routes;
  double tokens_left = 0;
  std::map<std::string, std::size_t> requests;

  void count(const Request& request, const Target& target);
  void spend();
  void authenticate(const Call& call);
  Answer answer(const Request& request);
  Answer dispatch(const Request& request);
  void add_rate_headers(Response& response) const;
};

void HetznerCloud::Parts::count(const Request& request, const Target& target) {
  std::string shape;
  for (std::size_t i = 1; i < target.path.size(); ++i) {
    const bool is_number = !target.path[i].empty() && std::ranges::all_of(target.path[i], [](unsigned char letter) {
      return std::isdigit(letter) != 0;
    });
    shape += "/" + (is_number ? "{}" : target.path[i]);
  }
  ++requests[request.method + " " + shape];
}

void HetznerCloud::Parts::spend() {
  if (tokens_left < 1)
    hetzner::fail(429, "rate_limit_exceeded",
                  "limit of " + std::to_string(world.options.rate_limit) + " requests per hour reached");
  tokens_left -= 1;
}

void HetznerCloud::Parts::authenticate(const Call& call) {
  const auto header = call.headers.find("authorization");
  const std::string value = header == call.headers.end() ? "" : header->second;
  if (!value.starts_with("Bearer ")) hetzner::fail(401, "unauthorized", "token is required");
  const auto token = world.options.tokens.find(value.substr(7));
  if (token == world.options.tokens.end()) {
    hetzner::fail(401, "unauthorized", "the token you have provided is invalid");
  }
  if (call.method != "GET" && token->second == HetznerOptions::Access::read) {
    hetzner::fail(403, "token_readonly", "the token is only allowed to perform GET requests");
  }
}

Answer HetznerCloud::Parts::dispatch(const Request& request) {
  const auto target = cloud::parse_target(request.url, world.options.prefix);
  if (!target) hetzner::fail(404, "not_found", "api route not found");
  count(request, *target);
  Call call{request.method, {}, target->query, Json::object(), cloud::lower_headers(request)};
  const auto found = cloud::find_route(routes, *target, call);
  if (!found.is_known) hetzner::fail(404, "not_found", "api route not found");
  spend();
  authenticate(call);
  if (found.route == nullptr) hetzner::fail(405, "method_not_allowed", "method not allowed");
  if (!request.body.empty()) {
    const auto parsed = parse_json(request.body, "body");
    if (!parsed.ok() || !parsed.value().is_object())
      hetzner::fail(400, "json_error", "unable to parse the request body");
    if (call.headers["content-type"].find("json") == std::string::npos) {
      hetzner::fail(400, "json_error", "the body must be application/json");
    }
    call.body = parsed.value();
  }
  return found.route->handler(world, call);
}

Answer HetznerCloud::Parts::answer(const Request& request) {
  try {
    Answer answer = dispatch(request);
    hetzner::settle_firewall_selectors(world);
    return answer;
  } catch (const ApiError& error) {
    return {error.status, {{"error", {{"code", error.code}, {"message", error.message}, {"details", error.details}}}}};
  }
}

void HetznerCloud::Parts::add_rate_headers(Response& response) const {
  const double missing = world.options.rate_limit - tokens_left;
  const auto full_in = static_cast<std::int64_t>(missing / world.options.rate_refill) + 1;
  const auto now = std::chrono::floor<std::chrono::seconds>(world.now).time_since_epoch().count();
  response.headers["ratelimit-limit"] = std::to_string(world.options.rate_limit);
  response.headers["ratelimit-remaining"] = std::to_string(static_cast<int>(tokens_left));
  response.headers["ratelimit-reset"] = std::to_string(now + full_in);
}

HetznerCloud::HetznerCloud(HetznerOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}

HetznerCloud::~HetznerCloud() = default;

Response HetznerCloud::handle(const Request& request, CloudTime now) {
  Parts& parts = *parts_;
  const auto before = parts.world.now;
  parts.world.advance(now);
  if (before != CloudTime{}) {
    const double seconds = std::chrono::duration<double>(parts.world.now - before).count();
    parts.tokens_left =
        std::min<double>(parts.tokens_left + seconds * parts.world.options.rate_refill, parts.world.options.rate_limit);
  }
  const Answer answer = parts.answer(request);
  Response response{answer.status, {}, {}};
  parts.add_rate_headers(response);
  if (!answer.body.is_null()) {
    response.headers["content-type"] = "application/json";
    response.body = dump_json(answer.body);
  }
  return response;
}

HetznerOptions& HetznerCloud::options() { return parts_->world.options; }

std::vector<Json> HetznerCloud::all(const std::string& kind) const {
  std::vector<Json> found;
  for (const auto& [id, object] : parts_->world.all(kind)) found.push_back(render(parts_->world, kind, object));
  return found;
}

std::string HetznerCloud::user_data(std::int64_t server_id) const {
  return parts_->world.get("servers", server_id)["_user_data"];
}

std::size_t HetznerCloud::request_count() const {
  std::size_t sum = 0;
  for (const auto& [name, count] : parts_->requests) sum += count;
  return sum;
}

const std::map<std::string, std::size_t>& HetznerCloud::requests() const { return parts_->requests; }

CloudTime HetznerCloud::all_actions_done() const { return parts_->world.last_end(); }

CloudTime HetznerCloud::begun_until() const { return parts_->world.begun_until(); }

}  // namespace skep::testing
