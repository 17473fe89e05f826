#include "providers/digitalocean/digitalocean.h"

#include <algorithm>
#include <mutex>

#include "providers/cloud/first_boot.h"
#include "providers/cloud/known_shape.h"
#include "providers/digitalocean/check_digitalocean.h"
#include "providers/digitalocean/dialect.h"
#include "providers/digitalocean/drivers.h"
#include "providers/digitalocean/expand_digitalocean.h"
#include "providers/digitalocean/kinds.h"
#include "providers/digitalocean/offers.h"
#include "providers/digitalocean/prices.h"

namespace skep {

namespace {

class DigitalOceanProvider final : public Provider {
 public:
  explicit DigitalOceanProvider(DigitalOceanParts parts)
      : cloud_(parts.http, parts.clock, parts.random, digitalocean::dialect(),
               digitalocean::whole_endpoint(std::move(parts.endpoint)), std::move(parts.token)) {
    for (const auto make :
         {digitalocean::make_tag_driver, digitalocean::make_ssh_key_driver, digitalocean::make_network_driver,
          digitalocean::make_firewall_driver, digitalocean::make_server_driver, digitalocean::make_pin_driver,
          digitalocean::make_volume_driver, digitalocean::make_floating_ip_driver,
          digitalocean::make_load_balancer_driver, digitalocean::make_dns_record_driver}) {
      drivers_.push_back(cloud::with_known_shape(cloud_.account.dialect().provider, make(cloud_)));
    }
  }

  std::string_view name() const override { return digitalocean_provider_name; }

  std::vector<Driver*> drivers() override {
    std::vector<Driver*> drivers;
    for (const auto& driver : drivers_) drivers.push_back(driver.get());
    return drivers;
  }

  std::vector<Problem> check(const Spec& spec) const override { return digitalocean::check_digitalocean(spec); }

  Result<Expansion> expand(const Spec& spec, const ExpandOptions& options) const override {
    return digitalocean::expand_digitalocean(spec, options);
  }

  /// Whether the token is good shows the first list.
  Result<std::vector<std::string>> preflight(const Spec&, const Context&) override {
    TRY(cloud_.account.check_token());
    return std::vector<std::string>();
  }

  Result<void> check_orders(std::span<const Resource> made, const Context& context) override {
    for (const auto& resource : made) {
      if (resource.driver != "digitalocean.server") continue;
      TRY(cloud::check_first_boot(resource, digitalocean::user_data_limit()));
    }
    return cloud::with_known_shape(cloud_.account.dialect().provider, ErrorCode::unavailable,
                                   [&] { return digitalocean::check_servers(cloud_, made, context); });
  }

  // https://docs.digitalocean.com/reference/api: firewall rules are of tcp, udp or icmp; a droplet here is behind one.
  std::string why_no_esp() const override { return "DigitalOcean's firewalls let no ESP through"; }

  Result<Prices> prices(std::span<const Resource> resources, const Context& context) override {
    const bool is_asked = std::ranges::any_of(
        resources, [](const Resource& resource) { return resource.driver.starts_with("digitalocean."); });
    if (!is_asked) return Prices{};
    const auto listed = TRY(sizes(context));
    return cloud::with_known_shape(cloud_.account.dialect().provider, ErrorCode::unavailable,
                                   [&]() -> Result<Prices> { return digitalocean::prices_of(listed, resources); });
  }

 private:
  /// Asked for once.
  Result<std::vector<Json>> sizes(const Context& context) {
    const std::lock_guard lock(mutex_);
    if (sizes_.empty()) sizes_ = TRY(cloud_.account.list("/sizes", "sizes", {}, context));
    return sizes_;
  }

  cloud::Cloud cloud_;
  std::mutex mutex_;
  std::vector<Json> sizes_;
  std::vector<std::unique_ptr<Driver>> drivers_;
};

}  // namespace

std::unique_ptr<Provider> make_digitalocean_provider(DigitalOceanParts parts) {
  return std::make_unique<DigitalOceanProvider>(std::move(parts));
}

}  // namespace skep
