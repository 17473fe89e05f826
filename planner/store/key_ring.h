// Texts that leave this computer sealed: states that a team shares, plans in files. libsodium's XChaCha20-Poly1305,
// under a key of 32 bytes or a passphrase (Argon2id).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/base/secret.h"
#include "planner/system/random.h"

namespace skep {

/// One key a line: "base64:" and 32 bytes, or a passphrase of at least 16 characters. The first line's seals; all of
/// them open. A line `plaintext` takes texts that are not sealed: below the others to begin with sealing, above them to
/// end it. Without any line nothing is sealed, and what is sealed cannot be opened. Not for several threads at once.
class KeyRing {
 public:
  KeyRing() = default;
  /// Errors: invalid_input (an unfit line, by its number alone; no key).
  static Result<KeyRing> parse(const Secret& lines);

  bool seals() const { return !keys_.empty() && !keys_.front().is_plaintext; }

  /// {members of `head`..., "encryption": {...}, "sealed": "..."}: the head stays readable, and nobody without the key
  /// can change it. The text itself when this ring does not seal. Errors: exhausted (no memory for Argon2id).
  Result<std::string> seal(const Json& head, const std::string& text, Random& random);

  /// `what` names the text for people. Errors: denied (no key, another key), refused (not sealed, though a key is
  /// given), invalid_input (changed since it was sealed, or of a newer skep).
  Result<std::string> open(const std::string& text, const std::string& what);

 private:
  struct Entry {
    Secret text = {};
    bool is_plaintext = false;
  };
  struct Salted;

  Result<std::string> unseal(const Json& envelope, const std::string& what);
  Result<Secret> key_of(const Entry& entry, const Salted& how);

  std::vector<Entry> keys_ = {};
  std::string salt_ = {};                       // of what this process seals: Argon2id is paid once
  std::map<std::string, Secret> derived_ = {};  // by entry and salt
};

}  // namespace skep
