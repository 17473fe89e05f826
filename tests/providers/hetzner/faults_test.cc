// Each single request of an apply goes wrong in turn, in each way: the run ends with a message, and the next one brings
// everything to its end, with no object too many.
#include <algorithm>
#include <utility>

#include "tests/providers/hetzner/hetzner_kit.h"

namespace skep::testing {
namespace {

Spec spec_of_everything() {
  Spec spec = hetzner_spec(1, 1);
  add_volume(spec.pools["worker"], 10);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443}}};
  spec.dns_records["shop"] = {.name = "shop.example.com", .zone = "example.com", .load_balancer = "web"};
  spec.pools["worker"].backups = true;
  return spec;
}

class WorldWithAZone final : public HetznerWorld {
 public:
  WorldWithAZone() { make_zone("example.com"); }
};

TEST(HetznerFaults, EachRequestOfAnApplyFailsInTurnAndTheNextRunConverges) {
  expect_every_fault_is_survived<WorldWithAZone>(spec_of_everything(), 15);
}

// A proxy, or an API that has moved on: whatever comes, it is an error that says so.
TEST(HetznerFaults, AnswersOfAnotherShapeAreErrors) {
  const std::string labels = R"("labels":{"skep.cluster":"demo","skep.name":"a","skep.generation":"1"})";
  const std::pair<std::string, std::string> cases[] = {
      {"hetzner.firewall", R"({"firewalls":[null]})"},
      {"hetzner.firewall", R"({"firewalls":["x"]})"},
      {"hetzner.firewall", R"({"firewalls":[{"name":"no id"}]})"},
      {"hetzner.firewall", R"({"firewalls":[{"id":1,"rules":[null],)" + labels + "}]}"},
      {"hetzner.load_balancer", R"({"load_balancers":[{"id":1,"private_net":[null],)" + labels + "}]}"},
      {"hetzner.load_balancer", R"({"load_balancers":[{"id":1,"targets":["x"],)" + labels + "}]}"},
  };
  for (const auto& [name, body] : cases) {
    SCOPED_TRACE(body);
    ScriptedHttp http;
    http.then(200, {}, body);
    const ManualClock clock;
    SameBytes random(0x42);
    const auto provider = make_hetzner_provider({http, clock, random, Secret(std::string(64, 'k')), "http://cloud/v1"});
    const auto drivers = provider->drivers();
    const auto driver = std::ranges::find(drivers, name, [](Driver* one) { return one->schema().driver; });
    ASSERT_NE(driver, drivers.end());
    const auto listed = (*driver)->list("demo", {.deadline = clock.now() + std::chrono::minutes(1)});
    ASSERT_FALSE(listed.ok());
    EXPECT_EQ(listed.error().code, ErrorCode::unavailable);
    EXPECT_NE(listed.error().hint, "");
  }
}

}  // namespace
}  // namespace skep::testing
