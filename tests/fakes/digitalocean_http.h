// The simulated DigitalOcean behind the Http seam.
#pragma once

#include "tests/fakes/cloud_http.h"
#include "tests/fakes/digitalocean_cloud.h"

namespace skep::testing {

using DigitalOceanHttp = CloudHttp<DigitalOceanCloud>;

}  // namespace skep::testing
