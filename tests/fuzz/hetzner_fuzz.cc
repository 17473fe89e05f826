// Whatever Hetzner Cloud, or something on the way to it, answers: every driver's every verb, and what a plan asks.
#include "cloud_use.h"

namespace {

constexpr const char* spec_text = R"(skep: 1
name: demo
provider: hetzner
location: [fsn1, nbg1]
firewall: {inbound: [{port: 80}]}
pools:
  manager: {role: manager, count: 1, type: [cx23, cx33], spread: true}
  worker: {count: 1, type: cx23, location: fsn1, volumes: {data: {size: 10GB, mount: /srv}}}
floating_ips: {ingress: {pool: manager}}
load_balancers: {web: {pool: worker, listen: [{port: 80}]}}
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto resources = skep::fuzz::cloud_resources("hetzner", spec_text);
  skep::fuzz::use_cloud("hetzner", resources, data, size);
  return 0;
}
