// Whatever DigitalOcean, or something on the way to it, answers: every driver's every verb, and what a plan asks.
#include "cloud_use.h"

namespace {

constexpr const char* spec_text = R"(skep: 1
name: demo
provider: digitalocean
location: fra1
firewall: {inbound: [{port: 80}]}
pools:
  manager: {role: manager, count: 1, type: [s-1vcpu-1gb, s-2vcpu-4gb]}
  worker: {count: 1, type: s-2vcpu-4gb, volumes: {data: {size: 10GB, mount: /srv}}}
floating_ips: {ingress: {pool: manager}}
load_balancers: {web: {pool: worker, listen: [{port: 80}]}}
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto resources = skep::fuzz::cloud_resources("digitalocean", spec_text);
  skep::fuzz::use_cloud("digitalocean", resources, data, size);
  return 0;
}
