#include "planner/base/digest.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

using namespace std::string_literals;

// FIPS 180-4, examples of NIST.
TEST(Digest, Sha256AsInTheStandard) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// RFC 4231: a short key, a key of text, a key longer than the block.
TEST(Digest, KeyedDigestAsInTheStandard) {
  EXPECT_EQ(keyed_digest_hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(keyed_digest_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(keyed_digest_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, HexShowsEveryByte) { EXPECT_EQ(to_hex("\x00\x7f\xff"s), "007fff"); }

// RFC 4648 section 10.
TEST(Digest, Base64AsInTheStandard) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [clear, coded] : cases) {
    EXPECT_EQ(base64_encode(clear), coded);
    EXPECT_EQ(base64_decode(coded), clear);
  }
}

TEST(Digest, Base64KeepsEveryByteAndSkipsLineEnds) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(base64_decode(base64_encode(all)), all);
  EXPECT_EQ(base64_decode("Zm9v\r\nYmFy\n"), "foobar");
  EXPECT_EQ(base64_decode("Zm9v\xE3mFy"), "");
}

TEST(Digest, WhatIsNoBase64DecodesToNothing) {
  for (const auto* wrong : {"Zg", "Zg=", "Z", "Zm9v!", "Zm9v Zm9v", "=", "Zh==x", "Zm9v=", "Zm9vYg==Zm9v"}) {
    EXPECT_EQ(base64_decode(wrong), "") << wrong;
  }
}

}  // namespace
}  // namespace skep
