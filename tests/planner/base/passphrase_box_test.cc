// What is boxed comes back whole, and only with the passphrase.
#include "planner/base/passphrase_box.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

std::string some_bytes(std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(i * 7 + i / 251);
  return bytes;
}

TEST(PassphraseBox, GivesBackWhatWasPutIn) {
  for (const std::size_t count : {0U, 1U, 65535U, 65536U, 65537U, 300000U}) {
    const std::string clear = some_bytes(count);
    const auto boxed = box(clear, Secret("correct horse"));
    ASSERT_TRUE(boxed.ok());
    EXPECT_TRUE(is_box(boxed.value()));
    const bool shows = count > 20 && boxed.value().find(clear.substr(0, 20)) != std::string::npos;
    EXPECT_FALSE(shows) << count;
    const auto again = unbox(boxed.value(), Secret("correct horse"));
    ASSERT_TRUE(again.ok()) << count;
    EXPECT_EQ(again.value(), clear) << count;
  }
}

TEST(PassphraseBox, OpensWithNoOtherPassphrase) {
  const auto boxed = box("the swarm's keys", Secret("correct horse")).value();
  const auto opened = unbox(boxed, Secret("correct house"));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::invalid_input);
  EXPECT_NE(box("a", Secret("k")).value(), box("a", Secret("k")).value()) << "each box has a salt of its own";
}

TEST(PassphraseBox, NoticesEveryChangeAndEveryCut) {
  const auto boxed = box(some_bytes(70000), Secret("k")).value();
  for (const std::size_t at : {std::size_t(11), std::size_t(30), std::size_t(60), boxed.size() - 1}) {
    std::string changed = boxed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(unbox(changed, Secret("k")).ok()) << at;
  }
  for (const std::size_t size : {std::size_t(5), std::size_t(40), std::size_t(51) + 65536 + 17, boxed.size() - 1}) {
    EXPECT_FALSE(unbox(std::string_view(boxed).substr(0, size), Secret("k")).ok()) << size;
  }
  EXPECT_FALSE(unbox("something else", Secret("k")).ok());
  EXPECT_FALSE(is_box("something else"));
}

}  // namespace
}  // namespace skep
