// What a new server is told at its first boot: who it is, who may log in, and its host key. Pure.
#pragma once

#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/base/secret.h"

namespace skep::cloud {

/// What a provider takes.
struct UserDataLimit {
  std::string provider;  // "Hetzner Cloud"
  std::size_t bytes_most = 0;
};

struct FirstBoot {
  std::string host_name;
  std::string user = "root";  // another one gets sudo without a password
  std::vector<std::string> authorized_keys;
  std::string host_key_public;  // "ssh-ed25519 AAAA..."
  Secret host_key_private;
};

/// A "#cloud-config" document. It is a secret: it holds the first host key.
/// Errors: invalid_input (too long, which means too many keys).
Result<Secret> user_data(const FirstBoot& boot, const UserDataLimit& limit);

}  // namespace skep::cloud
