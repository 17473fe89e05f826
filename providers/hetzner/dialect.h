// How Hetzner Cloud says errors, pages and actions.
#pragma once

#include "providers/cloud/dialect.h"

namespace skep::hetzner {

inline constexpr const char* default_endpoint = "https://api.hetzner.cloud/v1";

const cloud::Dialect& dialect();

}  // namespace skep::hetzner
