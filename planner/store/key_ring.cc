#include "planner/store/key_ring.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/digest.h"
#include "planner/base/seal.h"
#include "planner/base/text.h"

namespace skep {

namespace {

constexpr const char* cipher_name = "xchacha20-poly1305";
constexpr const char* kdf_name = "argon2id";
constexpr const char* raw_mark = "base64:";
constexpr std::size_t passphrase_least = 16;
// A text names the cost of its key; greedy ones are not followed.
constexpr std::int64_t argon_passes_most = 12;
constexpr std::int64_t argon_kib_most = 1024 * 1024;

std::string random_bytes(std::size_t count, Random& random) {
  std::string bytes(count, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

std::string raw_key_in(const std::string& line) { return base64_decode(line.substr(std::string(raw_mark).size())); }

// Tells another key from a changed text, and says nothing of the key itself.
std::string key_id(const Secret& key) { return keyed_digest_hex(key.reveal(), "skep key id").substr(0, 16); }

std::string bound_part(const Json& envelope) {
  Json bound = envelope;
  bound.erase("sealed");
  return dump_json(bound);
}

Error changed(const std::string& what) {
  return {ErrorCode::invalid_input, what + " has been changed since it was sealed, or is damaged: it is not used",
          "put an older version of it back, or make it again (a state with: skep state rebuild)"};
}

Error unfit_line(std::size_t number, const std::string& why) {
  return {ErrorCode::invalid_input, fmt::format("line {} of the state's key {}", number, why),
          "make a key with: echo base64:$(head -c 32 /dev/urandom | base64)"};
}

}  // namespace

struct KeyRing::Salted {
  std::string salt;
  PassphraseCost cost = {};
};

Result<KeyRing> KeyRing::parse(const Secret& lines) {
  KeyRing ring;
  std::size_t number = 0;
  bool has_key = false;
  for (const auto& line : split(lines.reveal(), '\n')) {
    ++number;
    const std::string text(trim(line));
    if (text.empty()) continue;
    const bool is_plaintext = text == "plaintext";
    const bool is_raw = text.starts_with(raw_mark);
    if (is_raw && raw_key_in(text).size() != seal_key_bytes)
      return unfit_line(number, fmt::format("is not base64 of {} bytes", seal_key_bytes));
    if (!is_plaintext && !is_raw && text.size() < passphrase_least)
      return unfit_line(number, fmt::format("is a passphrase of less than {} characters", passphrase_least));
    has_key = has_key || !is_plaintext;
    ring.keys_.push_back({Secret(text), is_plaintext});
  }
  if (has_key) return ring;
  return Error{ErrorCode::invalid_input, "the state's key is empty", "its first line must be a key or a passphrase"};
}

Result<Secret> KeyRing::key_of(const Entry& entry, const Salted& how) {
  const std::string& text = entry.text.reveal();
  if (text.starts_with(raw_mark)) return Secret(raw_key_in(text));
  const std::string place =
      sha256_hex(fmt::format("{}:{}:{}:{}", to_hex(how.salt), how.cost.passes, how.cost.kib, text));
  if (const auto found = derived_.find(place); found != derived_.end()) return found->second;
  auto key = key_of_passphrase(text, how.salt, how.cost);
  if (!key) {
    return Error{ErrorCode::exhausted,
                 fmt::format("deriving the state's key from its passphrase: no {} MiB of memory", how.cost.kib / 1024),
                 "give this process more memory, or use a base64: key, which needs none"};
  }
  return derived_.emplace(place, std::move(*key)).first->second;
}

Result<std::string> KeyRing::seal(const Json& head, const std::string& text, Random& random) {
  if (!seals()) return text;
  if (salt_.empty()) salt_ = random_bytes(passphrase_salt_bytes, random);
  const Salted how = {.salt = salt_};
  const Secret key = TRY(key_of(keys_.front(), how));
  const std::string nonce = random_bytes(seal_nonce_bytes, random);
  Json envelope = head;
  envelope["encryption"] = {
      {"cipher", cipher_name},     {"key_id", key_id(key)}, {"nonce", base64_encode(nonce)}, {"kdf", kdf_name},
      {"passes", how.cost.passes}, {"kib", how.cost.kib},   {"salt", base64_encode(salt_)}};
  envelope["sealed"] = base64_encode(seal_bytes(key, nonce, bound_part(envelope), text));
  return dump_json(envelope);
}

Result<std::string> KeyRing::open(const std::string& text, const std::string& what) {
  const auto parsed = parse_json(text, what);
  const Json envelope = parsed.ok() ? parsed.value() : Json();
  if (json_member(envelope, "encryption").is_object()) {
    if (!keys_.empty()) return unseal(envelope, what);
    return Error{ErrorCode::denied, what + " is encrypted, and no key is given",
                 "set SKEP_STATE_KEY, SKEP_STATE_KEY_FILE or SKEP_STATE_KEY_COMMAND"};
  }
  if (keys_.empty() || std::ranges::any_of(keys_, &Entry::is_plaintext)) return text;
  return Error{ErrorCode::refused, what + " is not encrypted, though a key is given: somebody may have replaced it",
               "if it never was: add the line `plaintext` below the key until the next apply has encrypted it"};
}

Result<std::string> KeyRing::unseal(const Json& envelope, const std::string& what) {
  const Json& encryption = json_member(envelope, "encryption");
  if (json_string_or(encryption, "cipher") != cipher_name || json_string_or(encryption, "kdf") != kdf_name) {
    return Error{ErrorCode::invalid_input, what + " is encrypted in a way that this skep does not know",
                 "use the skep that wrote it, or a newer one"};
  }
  const Salted how = {
      .salt = base64_decode(json_string_or(encryption, "salt")),
      .cost = {.passes = json_int_or(encryption, "passes", 0), .kib = json_int_or(encryption, "kib", 0)}};
  const bool is_payable = how.cost.passes >= 1 && how.cost.passes <= argon_passes_most && how.cost.kib >= 8 &&
                          how.cost.kib <= argon_kib_most;
  if (how.salt.size() != passphrase_salt_bytes || !is_payable) return changed(what);

  const std::string nonce = base64_decode(json_string_or(encryption, "nonce"));
  const std::string sealed = base64_decode(json_string_or(envelope, "sealed"));
  const std::string wanted_id = json_string_or(encryption, "key_id");
  bool has_key = false;
  for (const auto& entry : keys_) {
    if (entry.is_plaintext) continue;
    const Secret key = TRY(key_of(entry, how));
    if (auto text = open_sealed_bytes(key, nonce, bound_part(envelope), sealed)) return std::move(*text);
    has_key = has_key || key_id(key) == wanted_id;
  }
  if (has_key) return changed(what);
  return Error{ErrorCode::denied, what + " is encrypted with another key (" + wanted_id + ")",
               "add that key on a line below the present one: older keys still open what they sealed"};
}

}  // namespace skep
