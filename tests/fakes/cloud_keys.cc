#include "tests/fakes/cloud_keys.h"

#include <regex>

#include "planner/base/digest.h"

namespace skep::testing::cloud {

std::optional<std::string> key_fingerprint(const std::string& public_key) {
  static const std::regex form("(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) ([A-Za-z0-9+/=]{40,})( .*)?\\s*");
  std::smatch match;
  if (!std::regex_match(public_key, match, form) || base64_decode(match[3].str()).empty()) return std::nullopt;
  const std::string hex = sha256_hex(match[3].str());
  std::string result;
  for (std::size_t i = 0; i < 32; i += 2) result += (i == 0 ? "" : ":") + hex.substr(i, 2);
  return result;
}

}  // namespace skep::testing::cloud
