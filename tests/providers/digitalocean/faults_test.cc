// Each single request of an apply goes wrong in turn, in each way: the run ends with a message, and the next one brings
// everything to its end, with no object too many.
#include "tests/providers/digitalocean/digitalocean_kit.h"

namespace skep::testing {
namespace {

TEST(DigitalOceanFaults, EachRequestOfAnApplyFailsInTurnAndTheNextRunConverges) {
  Spec spec = digitalocean_spec(1, 1);
  add_volume(spec.pools["worker"], 10);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443}}};
  expect_every_fault_is_survived<DigitalOceanWorld>(spec, 20);
}

}  // namespace
}  // namespace skep::testing
