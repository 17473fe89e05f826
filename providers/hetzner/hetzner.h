// Provider `hetzner`: servers, networks, firewalls, volumes and addresses at Hetzner Cloud.
#pragma once

#include <memory>
#include <string>

#include "planner/base/secret.h"
#include "planner/engine/provider.h"
#include "planner/system/clock.h"
#include "planner/system/http.h"
#include "planner/system/random.h"

namespace skep {

inline constexpr const char* hetzner_provider_name = "hetzner";

// As Hetzner's own tools call them.
inline constexpr const char* hetzner_token_variable = "HCLOUD_TOKEN";
inline constexpr const char* hetzner_endpoint_variable = "HCLOUD_ENDPOINT";

struct HetznerParts {
  Http& http;  // one exchange a call: retries and limits are added behind it
  const Clock& clock;
  Random& random;
  Secret token = {};          // HCLOUD_TOKEN; none: the first request says so
  std::string endpoint = {};  // HCLOUD_ENDPOINT, with its prefix; empty: the provider's own
};

/// The seams must outlive it.
std::unique_ptr<Provider> make_hetzner_provider(HetznerParts parts);

}  // namespace skep
