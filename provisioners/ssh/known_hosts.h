// Pinned host keys: what an endpoint's key line means, and the same as a line for ssh(1)'s known_hosts file.
#pragma once

#include <string>
#include <string_view>

#include "planner/base/result.h"
#include "planner/system/ssh.h"

namespace skep {

/// The one key that a host may show.
struct PinnedKey {
  std::string type;  // "ssh-ed25519", "ecdsa-sha2-nistp256"
  std::string blob;  // as it travels in the key exchange
  std::string line;  // "ssh-ed25519 AAAA..."
  bool operator==(const PinnedKey&) const = default;
};

/// The key that `endpoint.host_key` pins. Errors: refused (none is given: first contact is never trusted blindly, or
/// the line is no ed25519 or ECDSA key).
Result<PinnedKey> pinned_key(const Endpoint& endpoint);

/// "TYPE BASE64" of a raw key blob, which begins with its type; empty when the blob is malformed.
std::string public_line_of_blob(std::string_view blob);

/// "SHA256:..." of a raw key blob; for messages, so it says "a malformed key" of one that is none.
std::string fingerprint_of_blob(std::string_view blob);

/// One line of a known_hosts file, with line end: "[ADDRESS]:PORT TYPE BASE64", without brackets for port 22.
/// Errors: refused, as pinned_key().
Result<std::string> known_hosts_line(const Endpoint& endpoint);

/// "root@10.0.0.5" or "root@10.0.0.5:2222": how an endpoint is named in messages.
std::string endpoint_name(const Endpoint& endpoint);

}  // namespace skep
