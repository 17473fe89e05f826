// SHA-256, and a keyed hash by which a changed secret is noticed without keeping it.
#pragma once

#include <string>
#include <string_view>

namespace skep {

/// 64 lower-case hexadecimal digits (FIPS 180-4).
std::string sha256_hex(std::string_view data);

/// HMAC-SHA-256 (RFC 2104) of `data` under `key` (any length), 64 lower-case hexadecimal digits.
std::string keyed_digest_hex(std::string_view key, std::string_view data);

/// The same as its 32 bytes.
std::string keyed_digest(std::string_view key, std::string_view data);

std::string to_hex(std::string_view bytes);
std::string base64_encode(std::string_view bytes);  // RFC 4648 section 4, with padding
std::string base64_decode(std::string_view text);   // empty when the text is not base64; line ends are skipped

}  // namespace skep
