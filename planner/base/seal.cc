#include "planner/base/seal.h"

#include <sodium.h>

#include <cassert>

#include "planner/base/sodium_ready.h"

namespace skep {

namespace {

static_assert(seal_key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(seal_nonce_bytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(passphrase_salt_bytes == crypto_pwhash_SALTBYTES);

const unsigned char* seal_data(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* seal_room(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string seal_bytes(const Secret& key, const std::string& nonce, std::string_view bound, std::string_view text) {
  assert(key.reveal().size() == seal_key_bytes && nonce.size() == seal_nonce_bytes);
  ensure_sodium_ready();
  std::string sealed(text.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  unsigned long long count = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(seal_room(sealed), &count, seal_data(text), text.size(), seal_data(bound),
                                             bound.size(), nullptr, seal_data(nonce), seal_data(key.reveal()));
  assert(count == sealed.size());
  return sealed;
}

std::optional<std::string> open_sealed_bytes(const Secret& key, const std::string& nonce, std::string_view bound,
                                             std::string_view sealed) {
  assert(key.reveal().size() == seal_key_bytes);
  ensure_sodium_ready();
  if (nonce.size() != seal_nonce_bytes || sealed.size() < crypto_aead_xchacha20poly1305_ietf_ABYTES) return {};
  std::string text(sealed.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  unsigned long long count = 0;
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(seal_room(text), &count, nullptr, seal_data(sealed),
                                                                sealed.size(), seal_data(bound), bound.size(),
                                                                seal_data(nonce), seal_data(key.reveal()));
  if (failed != 0) return {};
  return text;
}

std::optional<Secret> key_of_passphrase(std::string_view passphrase, const std::string& salt, PassphraseCost cost) {
  assert(salt.size() == passphrase_salt_bytes && cost.passes >= 1 && cost.kib >= 8);
  ensure_sodium_ready();
  std::string key(seal_key_bytes, '\0');
  const int failed = crypto_pwhash(seal_room(key), key.size(), passphrase.data(), passphrase.size(), seal_data(salt),
                                   static_cast<unsigned long long>(cost.passes),
                                   static_cast<std::size_t>(cost.kib) * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return {};
  return Secret(std::move(key));
}

}  // namespace skep
