// Ed25519 keys in OpenSSH's forms: made before a machine exists, read from a file, a variable or a spec.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "planner/base/result.h"
#include "planner/base/secret.h"

namespace skep {

struct SshKeyPair {
  std::string public_line;  // "ssh-ed25519 AAAA... comment"
  Secret private_text;      // "-----BEGIN OPENSSH PRIVATE KEY-----..." (openssh-key-v1, unencrypted)
};

/// The key pair that belongs to a seed of 32 random bytes; the same seed gives the same pair.
SshKeyPair ed25519_key_pair(const std::array<std::uint8_t, 32>& seed, std::string_view comment);

/// "ssh-ed25519 AAAA... comment" of an OpenSSH private key; its public part stands in clear even when it is encrypted.
/// Errors: invalid_input (no OpenSSH key, an RSA or DSA key: libssh2 1.10 cannot sign rsa-sha2, so ed25519 or ECDSA is
/// asked for).
Result<std::string> public_line_of(std::string_view private_text);

/// Checks "TYPE BASE64 [comment]" and returns "TYPE BASE64". Errors: invalid_input (malformed, or RSA/DSA: see above).
Result<std::string> checked_public_line(std::string_view line);

/// "SHA256:..." as ssh-keygen -l prints it. The line must have passed checked_public_line().
std::string key_fingerprint(std::string_view public_line);

}  // namespace skep
