// How DigitalOcean says errors, pages and actions.
#pragma once

#include <string>

#include "providers/cloud/dialect.h"

namespace skep::digitalocean {

inline constexpr const char* default_endpoint = "https://api.digitalocean.com/v2";

const cloud::Dialect& dialect();

/// What the user wrote, with the "/v2" that all paths begin with.
std::string whole_endpoint(std::string endpoint);

/// Whether an error says that the account's own limit is reached, whatever is ordered.
bool is_quota(const Error& error);

}  // namespace skep::digitalocean
