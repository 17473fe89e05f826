#include "planner/base/passphrase_box.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "planner/base/sodium_ready.h"

namespace skep {

namespace {

constexpr std::string_view box_mark = "skep box 1\n";
constexpr std::size_t piece_bytes = 64u << 10;
constexpr std::size_t extra_bytes = crypto_secretstream_xchacha20poly1305_ABYTES;

using StreamHeader = std::array<unsigned char, crypto_secretstream_xchacha20poly1305_HEADERBYTES>;
using Salt = std::array<unsigned char, crypto_pwhash_SALTBYTES>;

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(std::string& bytes, std::size_t offset) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + offset;
}

struct StreamKey {
  std::array<unsigned char, crypto_secretstream_xchacha20poly1305_KEYBYTES> bytes = {};
  ~StreamKey() { sodium_memzero(bytes.data(), bytes.size()); }
};

Result<void> derive(StreamKey& key, const Secret& passphrase, const unsigned char* salt) {
  assert(!passphrase.empty());
  const std::string& text = passphrase.reveal();
  const int failed = crypto_pwhash(key.bytes.data(), key.bytes.size(), text.data(), text.size(), salt,
                                   crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                                   crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return Error{ErrorCode::exhausted, "there is no memory to make a key out of the passphrase"};
  return {};
}

Error not_openable() {
  return {ErrorCode::invalid_input, "it cannot be opened: another passphrase, or it is damaged",
          "give the passphrase that it was made with"};
}

}  // namespace

bool is_box(std::string_view bytes) { return bytes.starts_with(box_mark); }

Result<std::string> box(std::string_view clear, const Secret& passphrase) {
  ensure_sodium_ready();
  Salt salt;
  randombytes_buf(salt.data(), salt.size());
  StreamKey key;
  TRY(derive(key, passphrase, salt.data()));
  StreamHeader header;
  crypto_secretstream_xchacha20poly1305_state stream;
  crypto_secretstream_xchacha20poly1305_init_push(&stream, header.data(), key.bytes.data());
  std::string boxed(box_mark);
  boxed.append(reinterpret_cast<const char*>(salt.data()), salt.size());
  boxed.append(reinterpret_cast<const char*>(header.data()), header.size());
  boxed.reserve(boxed.size() + clear.size() + (clear.size() / piece_bytes + 1) * extra_bytes);
  for (std::size_t at = 0;; at += piece_bytes) {
    const std::string_view piece = clear.substr(at, piece_bytes);
    const bool is_last = at + piece.size() == clear.size();
    const std::size_t begun = boxed.size();
    boxed.resize(begun + piece.size() + extra_bytes);
    crypto_secretstream_xchacha20poly1305_push(&stream, raw(boxed, begun), nullptr, raw(piece), piece.size(), nullptr,
                                               0, is_last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    if (is_last) break;
  }
  sodium_memzero(&stream, sizeof stream);
  return boxed;
}

Result<std::string> unbox(std::string_view boxed, const Secret& passphrase) {
  ensure_sodium_ready();
  if (!is_box(boxed)) return Error{ErrorCode::invalid_input, "it is not encrypted by skep"};
  boxed.remove_prefix(box_mark.size());
  if (boxed.size() < crypto_pwhash_SALTBYTES + StreamHeader().size() + extra_bytes) return not_openable();
  StreamKey key;
  TRY(derive(key, passphrase, raw(boxed)));
  boxed.remove_prefix(crypto_pwhash_SALTBYTES);
  crypto_secretstream_xchacha20poly1305_state stream;
  if (crypto_secretstream_xchacha20poly1305_init_pull(&stream, raw(boxed), key.bytes.data()) != 0)
    return not_openable();
  boxed.remove_prefix(StreamHeader().size());
  std::string clear;
  unsigned char tag = 0;
  while (!boxed.empty()) {
    const std::string_view piece = boxed.substr(0, piece_bytes + extra_bytes);
    if (piece.size() < extra_bytes) return not_openable();
    const std::size_t begun = clear.size();
    clear.resize(begun + piece.size() - extra_bytes);
    if (crypto_secretstream_xchacha20poly1305_pull(&stream, raw(clear, begun), nullptr, &tag, raw(piece), piece.size(),
                                                   nullptr, 0) != 0)
      return not_openable();
    boxed.remove_prefix(piece.size());
  }
  sodium_memzero(&stream, sizeof stream);
  if (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) return not_openable();
  return clear;
}

}  // namespace skep
