#include "providers/hetzner/hetzner.h"

#include "providers/hetzner/check_hetzner.h"
#include "providers/hetzner/cloud.h"
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/expand_hetzner.h"

namespace skep {

namespace {

class HetznerProvider final : public Provider {
 public:
  explicit HetznerProvider(HetznerParts parts)
      : cloud_(parts.http, parts.clock, parts.random,
               parts.endpoint.empty() ? hetzner::default_endpoint : std::move(parts.endpoint), std::move(parts.token)) {
    for (const auto make :
         {hetzner::make_ssh_key_driver, hetzner::make_network_driver, hetzner::make_firewall_driver,
          hetzner::make_placement_group_driver, hetzner::make_server_driver, hetzner::make_volume_driver,
          hetzner::make_floating_ip_driver, hetzner::make_load_balancer_driver}) {
      drivers_.push_back(make(cloud_));
    }
  }

  std::string_view name() const override { return hetzner_provider_name; }

  std::vector<Driver*> drivers() override {
    std::vector<Driver*> drivers;
    for (const auto& driver : drivers_) drivers.push_back(driver.get());
    return drivers;
  }

  std::vector<Problem> check(const Spec& spec) const override { return hetzner::check_hetzner(spec); }

  Result<Expansion> expand(const Spec& spec, const ExpandOptions& options) const override {
    return hetzner::expand_hetzner(spec, options);
  }

  /// The credential is tried and the orders are compared with what is for sale, in two requests.
  Result<std::vector<std::string>> preflight(const Spec& spec, const Context& context) override {
    TRY(hetzner::check_orders(cloud_, hetzner::orders_of(spec), context));
    return std::vector<std::string>();
  }

 private:
  hetzner::Cloud cloud_;
  std::vector<std::unique_ptr<Driver>> drivers_;
};

}  // namespace

std::unique_ptr<Provider> make_hetzner_provider(HetznerParts parts) {
  return std::make_unique<HetznerProvider>(std::move(parts));
}

}  // namespace skep
