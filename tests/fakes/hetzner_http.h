// The simulated Hetzner Cloud behind the Http seam.
#pragma once

#include "tests/fakes/cloud_http.h"
#include "tests/fakes/hetzner_cloud.h"

namespace skep::testing {

using HetznerHttp = CloudHttp<HetznerCloud>;

}  // namespace skep::testing
