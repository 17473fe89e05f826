// Each single request of an apply goes wrong in turn, in each way: the run ends with a message, and the next one brings
// everything to its end, with no object too many.
#include <fmt/format.h>

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
  return spec;
}

/// Empty, or what is wrong.
std::string outcome_of(int position, Fault fault, const std::string& wanted, int& passed_at_once) {
  HetznerWorld world;
  world.http().arm(position, fault);
  const auto first = world.apply(spec_of_everything());
  world.http().arm(-1, fault);
  world.cloud.options().failing_actions.clear();
  if (first.ok()) ++passed_at_once;
  if (!first.ok() && first.error().message.size() < 20) return "says only: " + first.error().message;
  world.restart();
  world.clock.advance(std::chrono::minutes(2));
  const auto second = world.apply(spec_of_everything());
  if (!second.ok()) return "the next run fails: " + second.error().message;
  if (world.what_exists() != wanted) return "there is\n" + world.what_exists();
  world.restart();
  const std::string left = world.plan_text(spec_of_everything());
  return left.empty() ? "" : "the plan is not empty:\n" + left;
}

TEST(HetznerFaults, EachRequestOfAnApplyFailsInTurnAndTheNextRunConverges) {
  HetznerWorld calm;
  ASSERT_TRUE(calm.apply(spec_of_everything()).ok());
  const std::string wanted = calm.what_exists();
  const int requests = calm.http().count();
  ASSERT_GT(requests, 15);
  fmt::print("{:<14} {:>8} {:>16} {:>18}\n", "fault", "requests", "passed at once", "by the next run");
  for (const Fault fault : {Fault::refused, Fault::reset_before, Fault::reset_after, Fault::limit, Fault::error_500,
                            Fault::html_502_after, Fault::truncated, Fault::action_error}) {
    int at_once = 0;
    int converged = 0;
    for (int position = 0; position < requests; ++position) {
      const std::string wrong = outcome_of(position, fault, wanted, at_once);
      EXPECT_EQ(wrong, "") << name_of(fault) << " at request " << position;
      converged += wrong.empty() ? 1 : 0;
    }
    fmt::print("{:<14} {:>8} {:>16} {:>18}\n", name_of(fault), requests, at_once, converged - at_once);
  }
}

// A proxy, or an API that has moved on: whatever comes, it is an error that says so.
TEST(HetznerFaults, AnswersOfAnotherShapeAreErrors) {
  const std::string labels = R"("labels":{"skep.cluster":"demo","skep.name":"a","skep.generation":"1"})";
  const std::pair<std::string, std::string> cases[] = {
      {"hetzner.firewall", R"({"firewalls":[null]})"},
      {"hetzner.firewall", R"({"firewalls":["x"]})"},
      {"hetzner.firewall", R"({"firewalls":[{"name":"no id"}]})"},
      {"hetzner.firewall", R"({"firewalls":[{"id":1,"rules":[null],)" + labels + "}]}"},
      {"hetzner.firewall", R"({"firewalls":[{"id":1,"rules":[{"port":22}],)" + labels + "}]}"},
      {"hetzner.network", R"({"networks":[{"id":1,"subnets":[null],)" + labels + "}]}"},
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
