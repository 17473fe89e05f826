#include "tests/providers/hetzner/hetzner_kit.h"

#include <algorithm>

namespace skep::testing {

namespace {

/// Nothing runs on the machines of these tests.
class NoHosts final : public HostKinds {
 public:
  std::vector<Driver*> drivers() override { return {}; }
  std::vector<Problem> check(const Spec&) const override { return {}; }
  Result<std::vector<Resource>> expand(const Spec&, const std::map<std::string, Machine>&) const override {
    return std::vector<Resource>();
  }
};

const ExpandOptions& login() {
  static const ExpandOptions options{.authorized_keys = {public_key}};
  return options;
}

std::string shape_of(const Request& request) {
  const std::size_t begin = request.url.find("/v1") + 3;
  return request.method + " " + request.url.substr(begin, std::min(request.url.find('?'), request.url.size()) - begin);
}

}  // namespace

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::refused:
      return "refused";
    case Fault::reset_before:
      return "reset before";
    case Fault::reset_after:
      return "reset after";
    case Fault::limit:
      return "429";
    case Fault::error_500:
      return "500";
    case Fault::html_502_after:
      return "502 after";
    case Fault::truncated:
      return "truncated";
    case Fault::action_error:
      return "action error";
  }
  return "";
}

Result<Response> FaultyHttp::send(const Request& request, const Context& context) {
  if (count_++ != position_) return next_.send(request, context);
  struck_ = shape_of(request);
  return strike(request, context);
}

Result<Response> FaultyHttp::strike(const Request& request, const Context& context) {
  switch (fault_) {
    case Fault::refused:
      return Error{ErrorCode::unavailable, "connection refused"};
    case Fault::reset_before:
      return Error{ErrorCode::unknown_outcome, "sent, but not answered"};
    case Fault::limit:
      return Response{429, {}, R"({"error":{"code":"rate_limit_exceeded","message":"limit","details":null}})"};
    case Fault::error_500:
      return Response{500, {}, R"({"error":{"code":"server_error","message":"oops","details":null}})"};
    default:
      break;
  }
  auto answer = next_.send(request, context);
  if (!answer.ok()) return answer;
  if (fault_ == Fault::reset_after) return Error{ErrorCode::unknown_outcome, "sent, but not answered"};
  if (fault_ == Fault::html_502_after)
    return Response{502, {{"content-type", "text/html"}}, "<html>Bad Gateway</html>"};
  if (fault_ == Fault::truncated) {
    answer.value().body.resize(answer.value().body.size() / 2);
    return answer;
  }
  const auto body = parse_json(answer.value().body, "answer");
  if (!body.ok() || request.method == "GET") return answer;
  for (const char* key : {"action", "actions", "next_actions"}) {
    const Json part = body.value().value(key, Json());
    const Json list = part.is_object() ? Json::array({part}) : part;
    for (const auto& action : list) ++cloud_.options().failing_actions[action["command"]];
  }
  return answer;
}

Spec hetzner_spec(int managers, int workers) {
  Spec spec{.name = "demo", .provider = "hetzner", .location = "fsn1"};
  const auto pool = [&](const char* name, Role role, int count) {
    PoolSpec result{.name = name,
                    .role = role,
                    .provider = "hetzner",
                    .location = "fsn1",
                    .type = "cx23",
                    .image = "debian-12",
                    .spread = role == Role::manager};
    for (int i = 1; i <= count; ++i) result.nodes.push_back({.name = result.name + "-" + std::to_string(i)});
    spec.pools[name] = result;
  };
  pool("manager", Role::manager, managers);
  if (workers > 0) pool("worker", Role::worker, workers);
  return spec;
}

void add_volume(PoolSpec& pool, std::uint64_t size_gb, bool protect) {
  pool.volumes["data"] = {.size_bytes = size_gb * 1'000'000'000, .mount = "/srv/data", .protect = protect};
}

HetznerWorld::HetznerWorld(HetznerOptions options)
    : cloud(std::move(options)),
      direct_(cloud, clock),
      judged_(direct_, hetzner_document()),
      faulty_(judged_, cloud),
      random_(0x42) {
  restart();
}

void HetznerWorld::restart() {
  provider_ = make_hetzner_provider({faulty_, clock, random_, Secret(std::string(64, 'k')), "http://cloud/v1"});
  const auto drivers = provider_->drivers();
  catalog_ = std::make_unique<Catalog>(drivers);
}

Result<Summary> HetznerWorld::carry_out(const Plan& plan) {
  Executor executor({.runner = runner_,
                     .catalog = *catalog_,
                     .clock = clock,
                     .secrets =
                         [](std::string_view) {
                           return Error{ErrorCode::internal, "there are none"};
                         },
                     .digest_key = "key"});
  Summary summary = TRY(executor.run(plan, store, {}));
  if (summary.failures.empty()) return summary;
  Error error = summary.failures.front().error;
  error.message.insert(0, to_text(summary.failures.front().id) + ": ");
  return error;
}

Result<Plan> HetznerWorld::plan_of(const Spec& spec, bool is_destroyed) {
  Provider* providers[] = {provider_.get()};
  NoHosts hosts;
  Executor executor({.runner = runner_,
                     .catalog = *catalog_,
                     .clock = clock,
                     .secrets =
                         [](std::string_view) {
                           return Error{ErrorCode::internal, "there are none"};
                         },
                     .digest_key = "key"});
  std::vector<std::string> names;
  for (const auto& [name, schema] : catalog_->schemas()) {
    if (schema->listed && name != "hetzner.load_balancer") names.push_back(name);
  }
  if (!spec.load_balancers.empty()) names.push_back("hetzner.load_balancer");
  const State state = TRY(observe(TRY(store.load()), executor, *catalog_, spec.name, names, {}));
  PlanOptions options{.cluster = spec.name, .allow_protected = is_destroyed};
  for (const auto& [name, pool] : spec.pools) {
    for (const auto& node : pool.nodes) options.node_pools[node.name] = name;
  }
  if (is_destroyed) return make_plan({}, state, catalog_->schemas(), options);
  const auto expanded = TRY(expand(spec, providers, hosts, *catalog_, login()));
  return make_plan(expanded.resources, state, catalog_->schemas(), options);
}

Result<Plan> HetznerWorld::plan(const Spec& spec) { return plan_of(spec, false); }

Result<Summary> HetznerWorld::apply(const Spec& spec) { return carry_out(TRY(plan_of(spec, false))); }

Result<Summary> HetznerWorld::destroy(const Spec& spec) { return carry_out(TRY(plan_of(spec, true))); }

std::string HetznerWorld::plan_text(const Spec& spec) {
  const auto made = plan(spec);
  if (!made.ok()) return "error: " + made.error().message;
  static const std::map<Action, std::string> names = {{Action::create, "create"},
                                                      {Action::update, "update"},
                                                      {Action::replace, "replace"},
                                                      {Action::destroy, "destroy"},
                                                      {Action::forget, "forget"}};
  std::string text;
  for (const auto& change : made.value().changes) {
    text += names.at(change.action) + " " + to_text(change.id);
    for (const auto& field : change.fields) {
      if (change.action == Action::update) text += " " + field.field + ": " + field.before + " -> " + field.after;
    }
    text += change.disruptive ? " (disruptive)\n" : "\n";
  }
  return text;
}

std::string HetznerWorld::what_exists() const {
  std::string text;
  for (const char* kind : {"ssh_keys", "networks", "firewalls", "placement_groups", "servers", "volumes",
                           "floating_ips", "load_balancers"}) {
    std::vector<std::string> names;
    for (const auto& object : cloud.all(kind)) names.push_back(object["name"]);
    std::ranges::sort(names);
    if (names.empty()) continue;
    text += std::string(kind) + ":";
    for (const auto& name : names) text += " " + name;
    text += "\n";
  }
  return text;
}

}  // namespace skep::testing
