#include "tests/providers/hetzner/hetzner_kit.h"

namespace skep::testing {

namespace {

FaultWords hetzner_faults(HetznerCloud& cloud) {
  return {.prefix = "/v1",
          .limit_body = R"({"error":{"code":"rate_limit_exceeded","message":"limit","details":null}})",
          .error_body = R"({"error":{"code":"server_error","message":"oops","details":null}})",
          .fail_actions = [&cloud](const Json& body) {
            for (const char* key : {"action", "actions", "next_actions"}) {
              const Json part = body.value(key, Json());
              const Json list = part.is_object() ? Json::array({part}) : part;
              for (const auto& action : list) ++cloud.options().failing_actions[action["command"]];
            }
          }};
}

}  // namespace

Spec hetzner_spec(int managers, int workers) {
  Spec spec{.name = "demo", .provider = "hetzner", .location = "fsn1"};
  const auto add = [&](const char* name, Role role, int count) {
    PoolSpec pool = pool_of(spec, name, role, count);
    pool.type = "cx23";
    pool.image = "debian-12";
    pool.spread = role == Role::manager;
    spec.pools[name] = pool;
  };
  add("manager", Role::manager, managers);
  if (workers > 0) add("worker", Role::worker, workers);
  return spec;
}

HetznerWorld::HetznerWorld(HetznerOptions options)
    : cloud(std::move(options)),
      direct_(cloud, clock),
      judged_(direct_, hetzner_document()),
      faulty_(judged_, hetzner_faults(cloud)),
      random_(0x42) {
  restart();
}

void HetznerWorld::restart() {
  begin_run(make_hetzner_provider({faulty_, clock, random_, Secret(std::string(64, 'k')), "http://cloud/v1"}));
}

std::string HetznerWorld::what_exists() const {
  return names_in(cloud, {"ssh_keys", "networks", "firewalls", "placement_groups", "servers", "volumes", "floating_ips",
                          "load_balancers", "rrsets"});
}

void HetznerWorld::make_zone(const std::string& name) {
  const Request request{"POST",
                        "http://cloud/v1/zones",
                        {{"Authorization", "Bearer " + std::string(64, 'k')}, {"Content-Type", "application/json"}},
                        Json{{"name", name}, {"mode", "primary"}}.dump()};
  const auto answer = judged_.send(request, {});
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer.value().status, 201) << answer.value().body;
}

}  // namespace skep::testing
