#include "provisioners/ssh/known_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "planner/base/digest.h"
#include "planner/base/ssh_key.h"
#include "planner/base/text.h"

namespace skep {

Result<PinnedKey> pinned_key(const Endpoint& endpoint) {
  const std::string_view given = trim(endpoint.host_key);
  if (given.empty()) {
    return Error{ErrorCode::refused, fmt::format("ssh {}: no host key is pinned", endpoint_name(endpoint)),
                 fmt::format("give the node's host_key; `ssh-keyscan -t ed25519 {}` prints it, check it by another way",
                             endpoint.address)};
  }
  const Result<std::string> line = checked_public_line(given);
  if (!line.ok()) {
    return Error{ErrorCode::refused,
                 fmt::format("ssh {}: host key \"{}\": {}", endpoint_name(endpoint), given, line.error().message),
                 line.error().hint.empty() ? "host_key is \"ssh-ed25519 AAAA...\"" : line.error().hint};
  }
  const std::size_t blank = line.value().find(' ');
  assert(blank != std::string::npos);
  return PinnedKey{.type = line.value().substr(0, blank),
                   .blob = base64_decode(std::string_view(line.value()).substr(blank + 1)),
                   .line = line.value()};
}

std::string public_line_of_blob(std::string_view blob) {
  if (blob.size() < 4) return "";
  std::uint32_t length = 0;
  for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<std::uint8_t>(blob[static_cast<std::size_t>(i)]);
  if (length == 0 || length > blob.size() - 4) return "";
  const std::string_view type = blob.substr(4, length);
  if (std::ranges::any_of(type, [](char letter) { return letter <= ' ' || letter > '~'; })) return "";
  return std::string(type) + " " + base64_encode(blob);
}

std::string fingerprint_of_blob(std::string_view blob) {
  const std::string line = public_line_of_blob(blob);
  return line.empty() ? "a malformed key" : key_fingerprint(line);
}

Result<std::string> known_hosts_line(const Endpoint& endpoint) {
  const PinnedKey key = TRY(pinned_key(endpoint));
  if (endpoint.port == 22) return endpoint.address + " " + key.line + "\n";
  return fmt::format("[{}]:{} {}\n", endpoint.address, endpoint.port, key.line);
}

std::string endpoint_name(const Endpoint& endpoint) {
  if (endpoint.port == 22) return endpoint.user + "@" + endpoint.address;
  return fmt::format("{}@{}:{}", endpoint.user, endpoint.address, endpoint.port);
}

}  // namespace skep
