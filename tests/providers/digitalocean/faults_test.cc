// Each single request of an apply goes wrong in turn, in each way: the run ends with a message, and the next one brings
// everything to its end, with no object too many.
#include "tests/providers/digitalocean/digitalocean_kit.h"

namespace skep::testing {
namespace {

Spec spec_of_all() {
  Spec spec = digitalocean_spec(1, 1);
  add_volume(spec.pools["worker"], 10);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  spec.load_balancers["web"] = {.pool = "worker", .listen = {{.port = 443}}};
  spec.dns_records["shop"] = {.name = "shop.example.com", .zone = "example.com", .load_balancer = "web"};
  spec.pools["worker"].backups = true;
  return spec;
}

class WorldWithADomain final : public DigitalOceanWorld {
 public:
  WorldWithADomain() { ask("POST", "/domains", {{"name", "example.com"}}); }
};

/// What was made shows in lists only some seconds later.
class LaggingWorld final : public DigitalOceanWorld {
 public:
  LaggingWorld() : DigitalOceanWorld({.list_lag = std::chrono::seconds(6)}) {
    ask("POST", "/domains", {{"name", "example.com"}});
  }
};

TEST(DigitalOceanFaults, EachRequestOfAnApplyFailsInTurnAndTheNextRunConverges) {
  expect_every_fault_is_survived<WorldWithADomain>(spec_of_all(), 20);
}

TEST(DigitalOceanFaults, SoItIsWhereListsLagBehind) { expect_every_fault_is_survived<LaggingWorld>(spec_of_all(), 20); }

}  // namespace
}  // namespace skep::testing
