#include "planner/base/digest.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "planner/base/sodium_ready.h"

namespace skep {

namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string_view view_of(const unsigned char* bytes, std::size_t count) {
  return {reinterpret_cast<const char*>(bytes), count};
}

}  // namespace

std::string sha256_hex(std::string_view data) {
  ensure_sodium_ready();
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest = {};
  crypto_hash_sha256(digest.data(), bytes_of(data), data.size());
  return to_hex(view_of(digest.data(), digest.size()));
}

std::string keyed_digest_hex(std::string_view key, std::string_view data) { return to_hex(keyed_digest(key, data)); }

std::string keyed_digest(std::string_view key, std::string_view data) {
  ensure_sodium_ready();
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> digest = {};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(data), data.size());
  crypto_auth_hmacsha256_final(&state, digest.data());
  sodium_memzero(&state, sizeof state);
  return std::string(view_of(digest.data(), digest.size()));
}

std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string base64_encode(std::string_view bytes) {
  ensure_sodium_ready();
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');  // counts a final zero byte
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), variant);
  text.pop_back();
  return text;
}

std::string base64_decode(std::string_view text) {
  ensure_sodium_ready();
  // libsodium takes some bytes above 127 for letters.
  if (std::ranges::any_of(text, [](char letter) { return static_cast<signed char>(letter) < 0; })) return {};
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t count = 0;
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  const int failed = sodium_base642bin(out, bytes.size(), text.data(), text.size(), "\r\n", &count, nullptr,
                                       sodium_base64_VARIANT_ORIGINAL);
  if (failed != 0) return {};
  bytes.resize(count);
  return bytes;
}

}  // namespace skep
