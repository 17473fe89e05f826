// Sealed bytes against the published vectors, and against every changed bit.
#include "planner/base/seal.h"

#include <gtest/gtest.h>

#include "planner/base/digest.h"

namespace skep {
namespace {

std::string counting(int from, std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(from + static_cast<int>(i));
  return bytes;
}

// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
TEST(Seal, XChaChaAsPublished) {
  const Secret key(counting(0x80, seal_key_bytes));
  const std::string nonce = counting(0x40, seal_nonce_bytes);
  const std::string bound = "\x50\x51\x52\x53" + counting(0xc0, 8);
  const std::string text =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
      "it.";
  const std::string sealed = seal_bytes(key, nonce, bound, text);
  EXPECT_EQ(to_hex(sealed.substr(0, 16)), "bd6d179d3e83d43b9576579493c0e939");
  EXPECT_EQ(to_hex(sealed.substr(sealed.size() - 16)), "c0875924c1c7987947deafd8780acf49");
  EXPECT_EQ(open_sealed_bytes(key, nonce, bound, sealed), text);
  EXPECT_FALSE(open_sealed_bytes(Secret(counting(0x81, seal_key_bytes)), nonce, bound, sealed));
  EXPECT_FALSE(open_sealed_bytes(key, nonce, bound + "x", sealed));
  EXPECT_FALSE(open_sealed_bytes(key, counting(0x41, seal_nonce_bytes), bound, sealed));
  EXPECT_FALSE(open_sealed_bytes(key, "short", bound, sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(open_sealed_bytes(key, nonce, bound, changed)) << i;
    EXPECT_FALSE(open_sealed_bytes(key, nonce, bound, sealed.substr(0, i))) << i;
  }
}

TEST(Seal, APassphraseGivesTheSameKeyEachTimeAndAnotherWithAnotherSalt) {
  const PassphraseCost small = {.passes = 1, .kib = 64};
  const std::string salt(passphrase_salt_bytes, 's');
  const auto key = key_of_passphrase("correct horse", salt, small);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->reveal().size(), seal_key_bytes);
  EXPECT_EQ(key_of_passphrase("correct horse", salt, small)->reveal(), key->reveal());
  EXPECT_NE(key_of_passphrase("correct horse", std::string(passphrase_salt_bytes, 't'), small)->reveal(),
            key->reveal());
  EXPECT_NE(key_of_passphrase("correct Horse", salt, small)->reveal(), key->reveal());
  EXPECT_NE(key_of_passphrase("correct horse", salt, {.passes = 2, .kib = 64})->reveal(), key->reveal());
}

}  // namespace
}  // namespace skep
