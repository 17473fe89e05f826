#include "tests/fakes/apply_kit.h"

#include <algorithm>

#include "tests/fakes/cloud_talk.h"

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
  const std::size_t begin = request.url.find(words_.prefix) + words_.prefix.size();
  const std::size_t end = std::min(request.url.find('?'), request.url.size());
  struck_ = request.method + " " + request.url.substr(begin, end - begin);
  return strike(request, context);
}

Result<Response> FaultyHttp::strike(const Request& request, const Context& context) {
  switch (fault_) {
    case Fault::refused:
      return Error{ErrorCode::unavailable, "connection refused"};
    case Fault::reset_before:
      return Error{ErrorCode::unknown_outcome, "sent, but not answered"};
    case Fault::limit:
      return Response{429, {}, words_.limit_body};
    case Fault::error_500:
      return Response{500, {}, words_.error_body};
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
  if (body.ok() && request.method != "GET") words_.fail_actions(body.value());
  return answer;
}

PoolSpec pool_of(const Spec& spec, const std::string& name, Role role, int count) {
  PoolSpec pool{.name = name, .role = role, .provider = spec.provider, .location = spec.location};
  for (int i = 1; i <= count; ++i) pool.nodes.push_back({.name = name + "-" + std::to_string(i)});
  return pool;
}

void add_volume(PoolSpec& pool, std::uint64_t size_gb, bool protect) {
  pool.volumes["data"] = {.size_bytes = size_gb * 1'000'000'000, .mount = "/srv/data", .protect = protect};
}

std::vector<Resource> resources_of(ApplyWorld& world, const Spec& spec, std::size_t keys) {
  ExpandOptions options;
  for (std::size_t i = 0; i < keys; ++i) options.authorized_keys.emplace_back(public_key);
  return world.provider().expand(spec, options).value().resources;
}

Asked asked(ApplyWorld& world, const Spec& spec, std::size_t keys) {
  const auto made = resources_of(world, spec, keys);
  const auto result = world.provider().check_orders(made, {.deadline = world.clock.now() + std::chrono::minutes(1)});
  if (result.ok()) return {};
  return {result.error().code, result.error().message + " | " + result.error().hint};
}

void ApplyWorld::begin_run(std::unique_ptr<Provider> provider, std::unique_ptr<Provider> second) {
  providers_.clear();
  providers_.push_back(std::move(provider));
  if (second != nullptr) providers_.push_back(std::move(second));
  std::vector<Driver*> drivers;
  for (const auto& one : providers_) {
    for (Driver* driver : one->drivers()) drivers.push_back(driver);
  }
  catalog_ = std::make_unique<Catalog>(drivers);
}

std::vector<Provider*> ApplyWorld::all_providers() const {
  std::vector<Provider*> providers;
  for (const auto& one : providers_) providers.push_back(one.get());
  return providers;
}

Executor ApplyWorld::executor() {
  return Executor({.runner = *runner_,
                   .catalog = *catalog_,
                   .clock = time(),
                   .secrets =
                       [](std::string_view) {
                         return Error{ErrorCode::internal, "there are none"};
                       },
                   .digest_key = "key"});
}

Result<Summary> ApplyWorld::carry_out(const Plan& plan) {
  Summary summary = TRY(executor().run(plan, store, {}));
  if (summary.failures.empty()) return summary;
  Error error = summary.failures.front().error;
  error.message.insert(0, to_text(summary.failures.front().id) + ": ");
  return error;
}

Result<Plan> ApplyWorld::plan_of(const Spec& spec, bool is_destroyed) {
  const auto providers = all_providers();
  NoHosts hosts;
  Executor reader = executor();
  std::vector<std::string> names;
  for (const auto& [name, schema] : catalog_->schemas()) {
    if (schema->listed && (!name.ends_with(".load_balancer") || !spec.load_balancers.empty())) names.push_back(name);
  }
  const State state = TRY(observe(TRY(store.load()), reader, *catalog_, spec.name, names, {}));
  PlanOptions options{.cluster = spec.name, .allow_protected = is_destroyed};
  for (const auto& [name, pool] : spec.pools) {
    for (const auto& node : pool.nodes) options.node_pools[node.name] = name;
  }
  if (is_destroyed) return make_plan({}, state, catalog_->schemas(), options);
  const auto expanded = TRY(expand(spec, providers, hosts, *catalog_, login()));
  return make_plan(expanded.resources, state, catalog_->schemas(), options);
}

Result<Plan> ApplyWorld::plan(const Spec& spec) { return plan_of(spec, false); }

Result<Summary> ApplyWorld::apply(const Spec& spec) { return carry_out(TRY(plan_of(spec, false))); }

Result<Summary> ApplyWorld::destroy(const Spec& spec) { return carry_out(TRY(plan_of(spec, true))); }

std::string ApplyWorld::plan_text(const Spec& spec) {
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

}  // namespace skep::testing
