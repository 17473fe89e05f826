#include "providers/hetzner/hetzner.h"

#include <algorithm>
#include <mutex>

#include "providers/cloud/first_boot.h"
#include "providers/cloud/known_shape.h"
#include "providers/hetzner/check_hetzner.h"
#include "providers/hetzner/dialect.h"
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/expand_hetzner.h"
#include "providers/hetzner/offers.h"
#include "providers/hetzner/prices.h"

namespace skep {

namespace {

class HetznerProvider final : public Provider {
 public:
  explicit HetznerProvider(HetznerParts parts)
      : cloud_(parts.http, parts.clock, parts.random, hetzner::dialect(),
               parts.endpoint.empty() ? hetzner::default_endpoint : std::move(parts.endpoint), std::move(parts.token)) {
    for (const auto make : {hetzner::make_ssh_key_driver, hetzner::make_network_driver, hetzner::make_firewall_driver,
                            hetzner::make_placement_group_driver, hetzner::make_server_driver, hetzner::make_pin_driver,
                            hetzner::make_volume_driver, hetzner::make_floating_ip_driver,
                            hetzner::make_load_balancer_driver, hetzner::make_dns_record_driver}) {
      drivers_.push_back(cloud::with_known_shape(cloud_.account.dialect().provider, make(cloud_)));
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

  /// Whether the token is good shows the first list.
  Result<std::vector<std::string>> preflight(const Spec&, const Context&) override {
    TRY(cloud_.account.check_token());
    return std::vector<std::string>();
  }

  Result<void> check_orders(std::span<const Resource> made, const Context& context) override {
    for (const auto& resource : made) {
      if (resource.driver == "hetzner.server") TRY(cloud::check_first_boot(resource, hetzner::user_data_limit()));
    }
    return cloud::with_known_shape(cloud_.account.dialect().provider, ErrorCode::unavailable,
                                   [&] { return hetzner::check_servers(cloud_, made, context); });
  }

  Result<Prices> prices(std::span<const Resource> resources, const Context& context) override {
    const bool is_asked = std::ranges::any_of(
        resources, [](const Resource& resource) { return resource.driver.starts_with("hetzner."); });
    if (!is_asked) return Prices{};
    const auto listed = TRY(price_list(context));
    return cloud::with_known_shape(cloud_.account.dialect().provider, ErrorCode::unavailable,
                                   [&]() -> Result<Prices> { return hetzner::prices_of(listed, resources); });
  }

 private:
  /// Asked for once.
  Result<Json> price_list(const Context& context) {
    const std::lock_guard lock(mutex_);
    if (price_list_.is_null()) price_list_ = TRY(cloud_.account.get("/pricing", {}, context))["pricing"];
    return price_list_;
  }

  cloud::Cloud cloud_;
  std::mutex mutex_;
  Json price_list_ = nullptr;
  std::vector<std::unique_ptr<Driver>> drivers_;
};

}  // namespace

std::unique_ptr<Provider> make_hetzner_provider(HetznerParts parts) {
  return std::make_unique<HetznerProvider>(std::move(parts));
}

}  // namespace skep
