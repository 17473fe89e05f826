#include "providers/local/local.h"

#include "providers/local/check_local.h"
#include "providers/local/expand_local.h"
#include "providers/local/floating_ip.h"
#include "providers/local/network.h"
#include "providers/local/preflight.h"
#include "providers/local/server.h"
#include "providers/local/volume.h"

namespace skep {

namespace {

class LocalProvider final : public Provider {
 public:
  explicit LocalProvider(const LocalTools& tools)
      : tools_(tools), network_(tools), server_(tools), volume_(tools), floating_ip_(tools) {}

  std::string_view name() const override { return local_provider_name; }
  std::vector<Driver*> drivers() override { return {&network_, &server_, &volume_, &floating_ip_}; }
  std::vector<Problem> check(const Spec& spec) const override { return check_local(spec); }
  Result<Expansion> expand(const Spec& spec, const ExpandOptions& options) const override {
    return expand_local(spec, options);
  }
  Result<std::vector<std::string>> preflight(const Spec& spec, const Context& context) override {
    return preflight_local(tools_, spec, context);
  }

 private:
  LocalTools tools_;
  NetworkDriver network_;
  ServerDriver server_;
  VolumeDriver volume_;
  FloatingIpDriver floating_ip_;
};

}  // namespace

std::unique_ptr<Provider> make_local_provider(LocalTools tools) { return std::make_unique<LocalProvider>(tools); }

}  // namespace skep
