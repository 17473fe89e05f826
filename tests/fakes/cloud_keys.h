// SSH keys as the simulated clouds take them. Private to the simulations.
#pragma once

#include <optional>
#include <string>

namespace skep::testing::cloud {

/// 16 bytes with colons, as the services show them; they take MD5, here any digest does. Nothing when the text is no
/// public key.
std::optional<std::string> key_fingerprint(const std::string& public_key);

}  // namespace skep::testing::cloud
