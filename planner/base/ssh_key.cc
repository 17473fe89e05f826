#include "planner/base/ssh_key.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "planner/base/digest.h"
#include "planner/base/sodium_ready.h"
#include "planner/base/text.h"

namespace skep {

namespace {

constexpr std::string_view magic("openssh-key-v1\0", 15);
constexpr std::string_view pem_begin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view pem_end = "-----END OPENSSH PRIVATE KEY-----";
constexpr std::string_view make_a_key = "make one with: ssh-keygen -t ed25519";
constexpr std::size_t pem_columns = 70;

struct KeyType {
  std::string_view name;
  std::string_view curve;  // empty: ed25519
  std::size_t point_bytes;
};
constexpr std::array<KeyType, 4> key_types = {{{"ssh-ed25519", "", 32},
                                               {"ecdsa-sha2-nistp256", "nistp256", 65},
                                               {"ecdsa-sha2-nistp384", "nistp384", 97},
                                               {"ecdsa-sha2-nistp521", "nistp521", 133}}};

const KeyType* find_type(std::string_view name) {
  const auto* found = std::ranges::find(key_types, name, &KeyType::name);
  return found == key_types.end() ? nullptr : found;
}

Error malformed(std::string_view what) {
  return {.code = ErrorCode::invalid_input, .message = std::string(what), .hint = std::string(make_a_key)};
}

Error wrong_type(std::string_view type) {
  if (type.find("rsa") != std::string_view::npos || type.find("dss") != std::string_view::npos) {
    const auto* name = type.find("rsa") != std::string_view::npos ? "an RSA" : "a DSA";
    return malformed(fmt::format("this is {} key; skep takes ed25519 or ECDSA keys", name));
  }
  return malformed(fmt::format("keys of type \"{}\" are not supported; skep takes ed25519 or ECDSA keys", type));
}

// --- the wire format: 32-bit lengths, big-endian, and strings (RFC 4251 section 5) ---

void put_number(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
}

void put_string(std::string& out, std::string_view text) {
  put_number(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

std::optional<std::uint32_t> take_number(std::string_view& in) {
  if (in.size() < 4) return std::nullopt;
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(in[static_cast<std::size_t>(i)]);
  in.remove_prefix(4);
  return number;
}

std::optional<std::string_view> take_string(std::string_view& in) {
  const auto length = take_number(in);
  if (!length || *length > in.size()) return std::nullopt;
  const auto text = in.substr(0, *length);
  in.remove_prefix(*length);
  return text;
}

/// Whether a public key blob is whole and of the type that it says.
bool is_whole_blob(std::string_view blob, const KeyType& type) {
  if (take_string(blob) != type.name) return false;
  if (!type.curve.empty() && take_string(blob) != type.curve) return false;
  const auto point = take_string(blob);
  return point && point->size() == type.point_bytes && blob.empty();
}

// --- private keys ---

std::string public_blob(std::string_view public_bytes) {
  std::string blob;
  put_string(blob, "ssh-ed25519");
  put_string(blob, public_bytes);
  return blob;
}

std::string as_pem(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  std::string pem;
  pem.reserve(text.size() + text.size() / pem_columns + 128);  // never moves, so no copy of the key stays behind
  pem.append(pem_begin).append("\n");
  for (std::size_t i = 0; i < text.size(); i += pem_columns) pem.append(text, i, pem_columns).append("\n");
  pem.append(pem_end).append("\n");
  sodium_memzero(text.data(), text.size());
  return pem;
}

/// Bytes between the two marks; none when they are not there or hold no base64.
std::optional<Secret> from_pem(std::string_view text) {
  const auto begin = text.find(pem_begin);
  const auto end = text.find(pem_end);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return std::nullopt;
  const auto body = trim(text.substr(begin + pem_begin.size(), end - begin - pem_begin.size()));
  Secret bytes(base64_decode(body));
  if (bytes.empty()) return std::nullopt;
  return bytes;
}

/// What a text that is no OpenSSH private key is instead, as far as we can tell.
Error not_a_private_key(std::string_view text) {
  const auto has = [&](std::string_view words) { return text.find(words) != std::string_view::npos; };
  if (trim(text).empty()) return malformed("the key is empty");
  if (has("BEGIN RSA PRIVATE KEY")) return wrong_type("rsa");
  if (has("BEGIN DSA PRIVATE KEY")) return wrong_type("dss");
  if (has("PRIVATE KEY-----") && !has(pem_begin)) {
    Error error = malformed("this private key is in PEM form; skep takes OpenSSH's own form");
    error.hint = "convert it in place with: ssh-keygen -p -f KEYFILE";
    return error;
  }
  if (has("PuTTY-User-Key-File")) {
    Error error = malformed("this private key is in PuTTY's form; skep takes OpenSSH's");
    error.hint = "convert it with: puttygen KEYFILE -O private-openssh-new -o NEWFILE";
    return error;
  }
  if (has("ssh-") || has("ecdsa-")) {
    Error error = malformed("this is a public key; skep needs the private one");
    error.hint = "it is usually the file of the same name without .pub";
    return error;
  }
  return malformed("this is no OpenSSH private key");
}

/// The comment stands behind the private numbers, so only an unencrypted key shows it.
std::string comment_of(std::string_view section, const KeyType& type) {
  const auto check = take_number(section);
  if (!check || check != take_number(section) || take_string(section) != type.name) return "";
  const int number_count = type.curve.empty() ? 2 : 3;  // public, private; curve, point, private
  for (int i = 0; i < number_count; ++i) {
    if (!take_string(section)) return "";
  }
  const auto comment = take_string(section);
  return comment ? std::string(trim(*comment)) : "";
}

}  // namespace

SshKeyPair ed25519_key_pair(const std::array<std::uint8_t, 32>& seed, std::string_view comment) {
  ensure_sodium_ready();
  std::array<unsigned char, crypto_sign_ed25519_PUBLICKEYBYTES> public_key = {};
  std::array<unsigned char, crypto_sign_ed25519_SECRETKEYBYTES> secret_key = {};
  crypto_sign_ed25519_seed_keypair(public_key.data(), secret_key.data(), seed.data());
  const std::string_view public_bytes(reinterpret_cast<const char*>(public_key.data()), public_key.size());
  const std::string_view secret_bytes(reinterpret_cast<const char*>(secret_key.data()), secret_key.size());
  const std::string line_comment = replace_all(replace_all(std::string(comment), "\n", " "), "\r", " ");

  std::string section;
  section.reserve(512);  // so that it never moves and leaves a copy of the key behind
  // Both check numbers must be equal, and need not be secret or random.
  std::string_view check = public_bytes.substr(0, 4);
  section += check;
  section += check;
  put_string(section, "ssh-ed25519");
  put_string(section, public_bytes);
  put_string(section, secret_bytes);
  put_string(section, line_comment);
  for (char pad = 1; section.size() % 8 != 0; ++pad) section += pad;

  std::string bytes(magic);
  bytes.reserve(1024);
  put_string(bytes, "none");  // cipher
  put_string(bytes, "none");  // key derivation, and its options
  put_string(bytes, "");
  put_number(bytes, 1);
  put_string(bytes, public_blob(public_bytes));
  put_string(bytes, section);

  SshKeyPair pair;
  pair.private_text = Secret(as_pem(bytes));
  pair.public_line = "ssh-ed25519 " + base64_encode(public_blob(public_bytes));
  if (!line_comment.empty()) pair.public_line += " " + line_comment;
  sodium_memzero(secret_key.data(), secret_key.size());
  sodium_memzero(section.data(), section.size());
  sodium_memzero(bytes.data(), bytes.size());
  return pair;
}

Result<std::string> public_line_of(std::string_view private_text) {
  const auto decoded = from_pem(private_text);
  if (!decoded) {
    const bool is_cut = private_text.find(pem_begin) != std::string_view::npos;
    return is_cut ? malformed("the private key is damaged or cut off") : not_a_private_key(private_text);
  }
  std::string_view in = decoded->reveal();
  if (!in.starts_with(magic)) return malformed("this is no OpenSSH private key of version 1");
  in.remove_prefix(magic.size());
  const auto cipher = take_string(in);
  const auto derivation = take_string(in);
  const auto options = take_string(in);
  const auto count = take_number(in);
  const auto blob = take_string(in);
  const auto section = take_string(in);
  if (!cipher || !derivation || !options || count != 1U || !blob || !section) {
    return malformed("the private key is damaged or cut off");
  }
  std::string_view rest = *blob;
  const auto name = take_string(rest);
  if (!name) return malformed("the private key is damaged or cut off");
  const auto* type = find_type(*name);
  if (type == nullptr) return wrong_type(*name);
  if (!is_whole_blob(*blob, *type)) return malformed("the private key is damaged or cut off");
  const std::string comment = cipher == "none" ? comment_of(*section, *type) : "";
  const std::string line = fmt::format("{} {}", type->name, base64_encode(*blob));
  return comment.empty() ? line : line + " " + comment;
}

Result<std::string> checked_public_line(std::string_view line) {
  const auto text = trim(line);
  std::vector<std::string> words;
  for (auto& word : split(replace_all(std::string(text), "\t", " "), ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  const auto bad = [](std::string_view message) {
    return Error{ErrorCode::invalid_input, std::string(message), "expected: ssh-ed25519 AAAA..., as in a .pub file"};
  };
  if (words.empty()) return bad("the key is empty");
  if (text.find('\n') != std::string_view::npos) return bad("expected one line with one key");
  if (words[0].starts_with("-----BEGIN")) return bad("this is a private key; a public one is expected");
  if (words.size() > 1 && find_type(words[1]) != nullptr) {
    return bad(fmt::format("leave \"{}\" out: the line must begin with the key type", words[0]));
  }
  const auto* type = find_type(words[0]);
  if (type == nullptr) {
    const bool names_a_type = words.size() > 1 && words[1].starts_with("AAAA");
    return names_a_type ? wrong_type(words[0]) : bad("this is no public SSH key");
  }
  if (words.size() < 2) return bad(fmt::format("nothing follows \"{}\"", words[0]));
  const std::string blob = base64_decode(words[1]);
  if (!is_whole_blob(blob, *type)) {
    return bad(fmt::format("the base64 text behind \"{}\" is damaged or cut off", words[0]));
  }
  return words[0] + " " + base64_encode(blob);  // one key is one text, whatever stood between its letters
}

std::string key_fingerprint(std::string_view public_line) {
  const auto words = split(trim(public_line), ' ');
  assert(words.size() >= 2);
  const std::string blob = base64_decode(words[1]);
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest = {};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(blob.data()), blob.size());
  std::string text = base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
  while (text.ends_with('=')) text.pop_back();
  return "SHA256:" + text;
}

}  // namespace skep
