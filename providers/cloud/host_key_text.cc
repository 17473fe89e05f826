#include "providers/cloud/host_key_text.h"

#include "planner/base/digest.h"
#include "planner/base/text.h"

namespace skep::cloud {

namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";  // RFC 4648 section 6, lower case

// An ed25519 key in SSH's own form: a text "ssh-ed25519", then 32 bytes, each with its length in front.
constexpr std::string_view key_prefix("\0\0\0\x0bssh-ed25519\0\0\0\x20", 19);
constexpr std::size_t key_bytes = 32;

std::string base32(std::string_view bytes) {
  std::string text;
  unsigned buffer = 0;
  int bits = 0;
  for (const char byte : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(buffer >> (bits - 5)) & 31];
    buffer &= 0xFF;
  }
  if (bits > 0) text += alphabet[(buffer << (5 - bits)) & 31];
  return text;
}

std::string from_base32(std::string_view text) {
  std::string bytes;
  unsigned buffer = 0;
  int bits = 0;
  for (const char letter : text) {
    const std::size_t value = alphabet.find(letter);
    if (value == alphabet.npos) return {};
    buffer = ((buffer << 5) | static_cast<unsigned>(value)) & 0xFFFF;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>((buffer >> bits) & 0xFF);
    }
  }
  return bytes;
}

}  // namespace

std::string host_key_to_label(std::string_view public_line) {
  const auto words = split(public_line, ' ');
  if (words.size() < 2 || words[0] != "ssh-ed25519") return {};
  const std::string blob = base64_decode(words[1]);
  if (blob.size() != key_prefix.size() + key_bytes || !blob.starts_with(key_prefix)) return {};
  return base32(std::string_view(blob).substr(key_prefix.size()));
}

std::string host_key_from_label(std::string_view label) {
  const std::string bytes = from_base32(label);
  if (bytes.size() != key_bytes || base32(bytes) != label) return {};
  return "ssh-ed25519 " + base64_encode(std::string(key_prefix) + bytes);
}

}  // namespace skep::cloud
