// Each single request of an apply goes wrong in turn, in each way: the run ends with a message, and the next one brings
// everything to its end, with no object too many.
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

TEST(HetznerFaults, EachRequestOfAnApplyFailsInTurnAndTheNextRunConverges) {
  expect_every_fault_is_survived<HetznerWorld>(spec_of_everything(), 15);
}

}  // namespace
}  // namespace skep::testing
