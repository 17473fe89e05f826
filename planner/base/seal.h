// Authenticated encryption and keys from passphrases: libsodium's, in our words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "planner/base/secret.h"

namespace skep {

constexpr std::size_t seal_key_bytes = 32;
constexpr std::size_t seal_nonce_bytes = 24;  // long enough to be drawn at random for every text
constexpr std::size_t passphrase_salt_bytes = 16;

/// XChaCha20-Poly1305. `bound` is not part of what comes out, but opening needs the very same. The key and the nonce
/// have the sizes above, which is asserted.
std::string seal_bytes(const Secret& key, const std::string& nonce, std::string_view bound, std::string_view text);

/// Nothing: another key, nonce or `bound`, or changed bytes.
std::optional<std::string> open_sealed_bytes(const Secret& key, const std::string& nonce, std::string_view bound,
                                             std::string_view sealed);

struct PassphraseCost {
  std::int64_t passes = 3;       // RFC 9106's second choice, for computers with little memory
  std::int64_t kib = 64 * 1024;  // at least 8
};

/// Argon2id. Nothing: there is no such memory.
std::optional<Secret> key_of_passphrase(std::string_view passphrase, const std::string& salt, PassphraseCost cost);

}  // namespace skep
