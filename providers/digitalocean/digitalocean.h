// Provider `digitalocean`: droplets, VPCs, firewalls, volumes, reserved IPs and load balancers at DigitalOcean.
#pragma once

#include <memory>
#include <string>

#include "planner/base/secret.h"
#include "planner/engine/provider.h"
#include "planner/system/clock.h"
#include "planner/system/http.h"
#include "planner/system/random.h"

namespace skep {

inline constexpr const char* digitalocean_provider_name = "digitalocean";

inline constexpr const char* digitalocean_token_variable = "DIGITALOCEAN_TOKEN";
inline constexpr const char* digitalocean_endpoint_variable = "DIGITALOCEAN_ENDPOINT";

struct DigitalOceanParts {
  Http& http;  // one exchange a call: retries and limits are added behind it
  const Clock& clock;
  Random& random;
  Secret token = {};          // DIGITALOCEAN_TOKEN; none: the first request says so
  std::string endpoint = {};  // DIGITALOCEAN_ENDPOINT, with or without "/v2"; empty: the provider's own
};

/// The seams must outlive it.
std::unique_ptr<Provider> make_digitalocean_provider(DigitalOceanParts parts);

}  // namespace skep
